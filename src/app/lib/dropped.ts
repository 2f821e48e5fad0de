/** What a dropped file is, and its text. */
import type { PickedFile } from '../../source/files.ts';
import { baseName } from './folders.ts';

/** Largest text file that is read, in bytes. */
const MOST_BYTES = 20_000_000;

const textEndings = /\.(txt|text|md|csv|tsv|jsonl|ndjson|log)$/i;

export type Dropped =
  | { kind: 'model'; files: readonly PickedFile[] }
  | { kind: 'texts'; texts: readonly { name: string; text: string }[]; guessed: boolean }
  | { kind: 'other'; names: readonly string[] };

/** Whether a model is among them. */
export const isModel = (files: readonly PickedFile[]): boolean =>
  files.map(file => baseName(file.path)).some(name => name.endsWith('.safetensors') || name === 'config.json' || name === 'tokenizer.json');

/** Files of a model, texts, or neither. */
export async function whatIs(files: readonly PickedFile[]): Promise<Dropped> {
  const names = files.map(file => baseName(file.path));
  if (isModel(files)) return { kind: 'model', files };
  const other: Dropped = { kind: 'other', names };
  if (files.length === 0) return other;
  const texts: { name: string; text: string }[] = [];
  let guessed = false;
  for (const { path, blob } of files) {
    const name = baseName(path);
    if (!(textEndings.test(name) || blob.type.startsWith('text/')) || blob.size > MOST_BYTES) return other;
    const read = decode(new Uint8Array(await blob.arrayBuffer()));
    if (read === null) return other;
    texts.push({ name, text: read.text });
    guessed ||= read.guessed;
  }
  return { kind: 'texts', texts, guessed };
}

/** UTF-8, or UTF-16 with its mark; else Windows-1252, which is a guess. Null for bytes that are no text. */
export function decode(bytes: Uint8Array): { text: string; guessed: boolean } | null {
  const [a, b] = bytes;
  const utf16 = a === 0xff && b === 0xfe ? 'utf-16le' : a === 0xfe && b === 0xff ? 'utf-16be' : null;
  if (utf16) return { text: new TextDecoder(utf16).decode(bytes), guessed: false };
  if (bytes.includes(0)) return null;
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), guessed: false };
  } catch {
    return { text: new TextDecoder('windows-1252').decode(bytes), guessed: true };
  }
}
