/**
 * Turns WGSL files into the text that a pipeline compiles. A file in shaders/ is valid WGSL without any change, with f32 storage and
 * example sizes. Composing does only three things:
 *  - `//:include name` is replaced by shaders/include/name.wgsl, or by another file of that folder where the wrapper says so;
 *  - `const NAME: type = value;` at the start of a line gets the value asked for (sizes are constants so that loops unroll and bounds fold);
 *  - `alias name = type;` at the start of a line gets the type asked for; `enable f16;` is added where an alias needs it.
 * Why not `override`: it may not size workgroup arrays in every browser, and aliases need text in any case.
 */
import { GpuError } from '../errors.ts';

const files = import.meta.glob<string>('/shaders/**/*.wgsl', { query: '?raw', import: 'default', eager: true });

export type Constant = number | boolean;

export interface Composition {
  constants?: Readonly<Record<string, Constant>>;
  aliases?: Readonly<Record<string, string>>;
  /** Files of shaders/include by the name of the one in whose place they stand: for a binding that is not always there. */
  includes?: Readonly<Record<string, string>>;
}

/** Text of shaders/`name`.wgsl. */
export function shaderText(name: string): string {
  const text = files[`/shaders/${name}.wgsl`];
  if (text === undefined) throw new GpuError(`No shader file shaders/${name}.wgsl. This is a bug of affinage; please report it.`);
  return text;
}

/** Names of all kernel files, without the includes. */
export function shaderNames(): string[] {
  return Object.keys(files)
    .map(path => path.slice('/shaders/'.length, -'.wgsl'.length))
    .filter(name => !name.startsWith('include/'))
    .sort();
}

/** Composes shaders/`name`.wgsl. A constant, alias or include that the file does not have is an error, so that a typo is found. */
export function compose(name: string, { constants = {}, aliases = {}, includes = {} }: Composition = {}): string {
  const text = Object.entries(includes).reduce(
    (file, [key, by]) => replaceOnce(name, file, new RegExp(`^//:include ${key}$`, 'gm'), () => `//:include ${by}`, key),
    shaderText(name),
  );
  let code = text.replace(/^\/\/:include (\S+)$/gm, (_, file: string) => shaderText(`include/${file}`));
  for (const [key, value] of Object.entries(constants)) {
    code = replaceOnce(
      name,
      code,
      new RegExp(`^const ${key}: (\\w+) = [^;]*;`, 'gm'),
      (_, type: string) => `const ${key}: ${type} = ${literal(value, type)};`,
      key,
    );
  }
  for (const [key, type] of Object.entries(aliases)) {
    code = replaceOnce(name, code, new RegExp(`^alias ${key} = [^;]*;`, 'gm'), () => `alias ${key} = ${type};`, key);
  }
  const needsF16 = Object.values(aliases).some(type => /f16|[234]h\b/.test(type));
  return needsF16 ? `enable f16;\n${code}` : code;
}

function literal(value: Constant, type: string): string {
  if (typeof value === 'boolean') return String(value);
  if (type === 'f32') return Number.isInteger(value) ? `${value}.0` : String(value);
  return type === 'u32' ? `${value}u` : String(value);
}

function replaceOnce(file: string, code: string, pattern: RegExp, by: (match: string, ...groups: string[]) => string, key: string): string {
  const count = code.match(pattern)?.length ?? 0;
  if (count !== 1)
    throw new GpuError(`shaders/${file}.wgsl declares ${key} ${count} times, expected once. This is a bug of affinage; please report it.`);
  return code.replace(pattern, by);
}
