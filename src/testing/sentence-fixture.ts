/** The sentence-transformers folders of oracle/fixtures/sentence (made by oracle/sentence_fixtures.py) with that library's answers. Node only. */
import { readFile } from 'node:fs/promises';
import type { ModelSource } from '../source/source.ts';
import { fixtureUrl, memorySource } from './fixtures.ts';

export const sentenceNames = [
  'cls',
  'mean',
  'all',
  'old-two',
  'old-weighted-normalize',
  'dense-tanh',
  'dense-chain',
  'dense-relu',
  'prompt',
  'prompt-excluded',
  'length',
  'lower',
  'truncate',
  'folder',
] as const;
export type SentenceName = (typeof sentenceNames)[number];

export interface SentenceCases {
  texts: string[];
  /** Folder of the transformer, without a slash; empty for the model's own. */
  folder: string;
  /** Options of `encode`, in its words, and a vector a text. */
  cases: { options: Record<string, unknown>; vectors: number[][] }[];
}

/** The folder with the encoder's files in their place. `changed` replaces or (null) hides files; what is no bytes becomes JSON. */
export function sentenceSource(name: SentenceName, changed: Record<string, unknown> = {}): ModelSource {
  const inside = name === 'folder' ? '0_Transformer/' : '';
  return memorySource(name, async path => {
    if (path in changed) {
      const content = changed[path];
      if (content === null) return undefined;
      return content instanceof Uint8Array
        ? content
        : new TextEncoder().encode(typeof content === 'string' ? content : JSON.stringify(content));
    }
    const own = await read(`${name}/${path}`);
    if (own || !path.startsWith(inside)) return own;
    const ofEncoder = path.slice(inside.length);
    return /^(config|model|tokenizer)/.test(ofEncoder) ? read(`encoder/${ofEncoder}`) : undefined;
  });
}

async function read(path: string): Promise<Uint8Array | undefined> {
  return readFile(fixtureUrl(`sentence/${path}`)).then(
    bytes => new Uint8Array(bytes),
    (error: unknown) => {
      if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return undefined;
      throw error;
    },
  );
}

export async function sentenceCases(name: SentenceName): Promise<SentenceCases> {
  return JSON.parse(await readFile(fixtureUrl(`sentence/${name}/cases.json`), 'utf8')) as SentenceCases;
}
