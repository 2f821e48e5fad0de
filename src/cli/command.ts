/** What a command is, what it gets, and how its help is written. */
import type { Environment } from '../inference/environment.ts';
import type { LoadOptions, Model, SourceLike } from '../types.ts';
import { type Args, commonOptions, type Option, type Options } from './args.ts';

/** Where a command reads and writes; tests give their own. */
export interface Io {
  /** To standard output; resolves when the system has taken it. Errors: ClosedOutput, InputError where it cannot be written. */
  out(text: string): Promise<void>;
  /** One line on standard error. */
  note(text: string): void;
  /** A line on standard error that the next one replaces; nothing if it is no terminal. */
  status(text: string): void;
  stdin(): AsyncIterable<Uint8Array>;
  stdinIsTerminal: boolean;
  stderrIsTerminal: boolean;
}

/** The reader of standard output has closed it (`… | head`). The command then stops without an error message. */
export class ClosedOutput extends Error {
  override name = 'ClosedOutput';
}

export interface Context {
  args: Args;
  io: Io;
  env: Environment;
  loadModel(source: SourceLike, options?: LoadOptions): Promise<Model>;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
  verbose: boolean;
}

export interface Command {
  name: string;
  summary: string;
  /** After the name: `[options] TEXT...`. */
  usage: string;
  options: Options;
  /** Further lines of the help. */
  notes?: readonly string[];
  examples: readonly string[];
  withoutGpu?: true;
  run(context: Context): Promise<void>;
}

export const modelOptions = {
  model: { value: 'MODEL', help: 'folder, address, hub id (owner/name[@revision]) or mini; default mini' },
} satisfies Options;

export const precisionOptions = {
  dtype: { value: 'TYPE', help: 'weights on the GPU: f32, f16, q8, q4; default: as stored' },
  storage: { value: 'TYPE', help: 'activations on the GPU: f32, f16; default: what suits the adapter' },
} satisfies Options;

export const variantsOption = {
  variants: {
    value: 'K=V,…',
    help: 'variants of kernels to use, such as matmul=tile,attention=quad (affinage info --help lists them)',
    multiple: true,
  },
} satisfies Options;

export function help(command: Command): string {
  const rows = Object.entries<Option>({ ...command.options, ...commonOptions }).map(
    ([name, { value, help: text, short }]) => [`${short ? `-${short}, ` : ''}--${name}${value ? ` ${value}` : ''}`, text] as const,
  );
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    `${command.summary}`,
    '',
    `Usage: affinage ${command.name} ${command.usage}`,
    '',
    'Options:',
    ...rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`),
    ...(command.notes ? ['', ...command.notes] : []),
    '',
    'Examples:',
    ...command.examples.map(example => `  ${example}`),
    '',
  ].join('\n');
}

export function generalHelp(commands: readonly Command[], version: string): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    `affinage ${version}: French biomedical ModernBERT on your own GPU`,
    '',
    'Usage: affinage COMMAND [options] [TEXT...]',
    '',
    'Commands:',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    'Options:',
    '  -h, --help     show this help; after a command, the help of that command',
    '  -V, --version  show the version',
    '',
    'Environment:',
    '  HF_ENDPOINT        base address of the model hub, for mirrors',
    '  HF_TOKEN           token of the hub, for private and gated models',
    '  HF_HUB_OFFLINE     1: the network is never used',
    '  AFFINAGE_CACHE     folder for models and remembered kernel choices',
    '  VK_ICD_FILENAMES   Vulkan driver to use (Linux)',
    '',
    'Example:',
    '  affinage fill-mask "Le patient présente une [MASK] aiguë du myocarde."',
    '',
  ].join('\n');
}
