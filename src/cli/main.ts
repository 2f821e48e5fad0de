/** The command line without the process around it: arguments in, exit code out. */

import { AffinageError } from '../errors.ts';
import type { Environment } from '../inference/environment.ts';
import { Args, nearest, UsageError } from './args.ts';
import { ClosedOutput, type Command, type Context, generalHelp, help, type Io } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { visible } from './format.ts';

export interface Program {
  commands: readonly Command[];
  version: string;
  io: Io;
  /** Makes the environment once the options are known. */
  environment(verbose: boolean): Environment;
  loadModel(env: Environment): Context['loadModel'];
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
}

/** Runs one command line. Never rejects: every error becomes one line on standard error and an exit code. */
export async function main(argv: readonly string[], program: Program): Promise<number> {
  const { commands, version, signal } = program;
  const io = guarded(program.io);
  const verbose = argv.slice(0, argv.includes('--') ? argv.indexOf('--') : undefined).includes('--verbose');
  let command: Command | undefined;
  try {
    const [first, ...rest] = argv[0] === '--verbose' ? argv.slice(1) : argv;
    if (first === '--version' || first === '-V') {
      await io.out(`${version}\n`);
      return exitCodes.ok;
    }
    if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
      const about = first === 'help' && rest[0] !== undefined ? find(rest[0], commands) : undefined;
      if (first === undefined) {
        io.note(`affinage: no command is given; one of ${commands.map(({ name }) => name).join(', ')} (affinage --help)`);
        return exitCodes.usage;
      }
      await io.out(about ? help(about) : generalHelp(commands, version));
      return exitCodes.ok;
    }
    command = find(first, commands);
    if (rest.slice(0, rest.includes('--') ? rest.indexOf('--') : undefined).some(arg => arg === '--help' || arg === '-h')) {
      await io.out(help(command));
      return exitCodes.ok;
    }
    const args = new Args(rest, command.options);
    const env = program.environment(verbose);
    await command.run({ args, io, env, loadModel: program.loadModel(env), signal, verbose });
    return exitCodes.ok;
  } catch (error) {
    io.status('');
    if (signal.aborted) return exitCodes.interrupted;
    if (error instanceof ClosedOutput) return exitCodes.closedOutput;
    if (error instanceof UsageError) {
      io.note(`affinage: ${oneLine(error.message)} (affinage ${command ? `${command.name} ` : ''}--help)`);
      return exitCodes.usage;
    }
    io.note(`affinage: ${messageOf(error)}`);
    if (verbose) io.note(details(error));
    else if (!(error instanceof AffinageError))
      io.note('affinage: this should not happen; run it again with --verbose and report what it says');
    return exitCodes.failed;
  }
}

function find(name: string, commands: readonly Command[]): Command {
  const names = commands.map(command => command.name);
  const found = commands.find(command => command.name === name);
  if (found) return found;
  const near = nearest(name, names);
  throw new UsageError(`unknown command "${name}"; ${near ? `did you mean ${near}?` : `there are ${names.join(', ')}`}`);
}

function messageOf(error: unknown): string {
  if (error instanceof Error) return oneLine(error.message || error.name);
  return oneLine(String(error));
}

/** Errors of drivers and servers may hold line ends. */
function oneLine(text: string): string {
  return text.replace(/\s*[\r\n]+\s*/g, ' ').trim();
}

/** Wraps all output of a command, so that text from a file or a hub cannot control the terminal. */
function guarded(io: Io): Io {
  return {
    ...io,
    out: text => io.out(visible(text)),
    note: text => io.note(visible(text)),
    status: text => io.status(visible(text)),
  };
}

/** Class, details, stack and causes of an error, for `--verbose`. */
function details(error: unknown): string {
  const parts: string[] = [];
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    parts.push(`${parts.length > 0 ? 'caused by ' : ''}${at.stack ?? `${at.name}: ${at.message}`}`);
    if (at instanceof AffinageError && Object.keys(at.details).length > 0) parts.push(`details: ${JSON.stringify(at.details)}`);
  }
  return parts.join('\n');
}
