/**
 * modules.json of sentence-transformers: which parts make a vector of a text, in order, and in which folder each has its
 * files. The first is the transformer itself; its folder is the model's own, or one inside it (`0_Transformer`).
 */
import { ConfigError } from '../errors.ts';
import { parseJsonText } from './json-text.ts';
import { checkPath } from './path.ts';
import type { ModelSource, SourceFile } from './source.ts';

export const modulesFile = 'modules.json';
/** Prompts, similarity, the length of vectors. */
export const settingsFile = 'config_sentence_transformers.json';
/** The length of texts; in the order in which sentence-transformers looks for them. */
export const lengthFiles: readonly string[] = ['bert', 'roberta', 'distilbert', 'camembert', 'albert', 'xlm-roberta', 'xlnet'].map(
  kind => `sentence_${kind}_config.json`,
);

/** One line of modules.json. */
export interface ModuleEntry {
  /** The folder of its files, with a trailing slash; empty for the model's own. */
  folder: string;
  /** The Python class as the file names it. */
  type: string;
  /** The class name where it is one of sentence-transformers' own (`Pooling`); null for any other code. */
  kind: string | null;
}

/** Where the parts of a model lie. */
export interface ModelLayout {
  /** Folder of config.json, tokenizer and weights, with a trailing slash; empty for the model's own. */
  folder: string;
  /** Null without modules.json. */
  modules: readonly ModuleEntry[] | null;
}

const maxBytes = 2 ** 20;
const maxModules = 64;
const maxPathLength = 200;

/** Reads the layout of a source. Errors: ConfigError for an invalid modules.json, ModelFileError for a hostile path in it. */
export async function readLayout(source: ModelSource, signal?: AbortSignal): Promise<ModelLayout> {
  if (!(await source.has(modulesFile, signal))) return { folder: '', modules: null };
  const file = await source.open(modulesFile, signal);
  if (file.sizeBytes > maxBytes) throw broken(source.name, `has ${file.sizeBytes} bytes, which no list of modules has`);
  return layoutOf(await file.read(0, file.sizeBytes, signal), source.name);
}

/** Reads the layout from the bytes of modules.json. Errors: as `readLayout`. */
export function layoutOf(bytes: Uint8Array, where: string): ModelLayout {
  let json: unknown;
  try {
    json = parseJsonText(bytes);
  } catch (cause) {
    throw broken(where, 'is not valid JSON', cause);
  }
  if (!Array.isArray(json) || json.length === 0 || json.length > maxModules)
    throw broken(where, `must be a list of 1 to ${maxModules} modules`);
  const modules = json.map((entry: unknown, i): ModuleEntry => {
    const { path, type } = (typeof entry === 'object' && entry !== null ? entry : {}) as Record<string, unknown>;
    if (typeof path !== 'string' || typeof type !== 'string' || type === '' || path.length > maxPathLength || type.length > maxPathLength)
      throw broken(where, `entry ${i} needs a "path" and a "type", each a short string`);
    const folder = path === '' || path === '.' || path === './' ? '' : `${checkPath(path.replace(/\/$/, ''))}/`;
    return { folder, type, kind: /^sentence_transformers\.([\w.]+\.)?\w+$/.test(type) ? type.slice(type.lastIndexOf('.') + 1) : null };
  });
  const [first] = modules;
  if (first?.kind !== 'Transformer') {
    throw new ConfigError(
      `${modulesFile} of ${where} begins with ${JSON.stringify(first?.type)}. Only a model that begins with the module Transformer of sentence-transformers is computed: choose one that is built on ModernBERT.`,
      { where, module: first?.type },
    );
  }
  return { folder: first.folder, modules };
}

/** Files that such a folder may have beside the transformer's own; each may be absent. Empty without modules.json. */
export function sentencePaths({ folder, modules }: ModelLayout): string[] {
  if (!modules) return [];
  const ofModules = modules
    .slice(1)
    .flatMap(module => (module.folder === '' ? [] : [`${module.folder}config.json`, `${module.folder}model.safetensors`]));
  return [...new Set([modulesFile, settingsFile, ...lengthFiles.map(name => folder + name), ...ofModules])];
}

function broken(where: string, what: string, cause?: unknown): ConfigError {
  return new ConfigError(
    `${modulesFile} of ${where} ${what}. Fetch it again, or remove it to use the model without sentence-transformers' settings.`,
    { where },
    { cause },
  );
}

/** The files below a folder of a source, by their paths inside that folder. The source itself for the empty folder. */
export function inFolder(source: ModelSource, folder: string): ModelSource {
  if (folder === '') return source;
  const inside = (file: SourceFile, path: string): SourceFile => ({
    path,
    sizeBytes: file.sizeBytes,
    read: (start, end, signal) => file.read(start, end, signal),
  });
  return {
    name: source.name,
    has: (path, signal) => source.has(folder + path, signal),
    open: async (path, signal) => inside(await source.open(folder + path, signal), path),
  };
}

/** The transformer's own files of a source: config.json, tokenizer and weights. Errors: as `readLayout`. */
export async function transformerOf(source: ModelSource, signal?: AbortSignal): Promise<ModelSource> {
  return inFolder(source, (await readLayout(source, signal)).folder);
}
