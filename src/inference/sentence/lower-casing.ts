/** What `do_lower_case` of a sentence-transformers folder means. */

import type { JsonObject } from '../../model/config-keys.ts';
import type { ModelSource } from '../../source/source.ts';

/**
 * The same files with a tokenizer.json that lower-cases first: what `do_lower_case` means in sentence-transformers. It goes into the
 * normaliser, as special tokens in a text keep their case.
 */
export function lowerCasing(files: ModelSource): ModelSource {
  const path = 'tokenizer.json';
  const open = async (asked: string, signal?: AbortSignal) => {
    const file = await files.open(asked, signal);
    if (asked !== path) return file;
    const bytes = await file.read(0, file.sizeBytes, signal);
    let changed = bytes;
    try {
      changed = new TextEncoder().encode(JSON.stringify(withLowercase(JSON.parse(new TextDecoder().decode(bytes)))));
    } catch {
      // A file that is no JSON is handed on as it is: the tokenizer's reader refuses it.
    }
    return { path, sizeBytes: changed.length, read: async (start: number, end: number) => changed.slice(start, end) };
  };
  return { name: files.name, has: (asked, signal) => files.has(asked, signal), open };
}

function withLowercase(json: JsonObject): JsonObject {
  const first = json.normalizer as { type?: string; normalizers?: { type?: string }[] } | null | undefined;
  const list = first?.type === 'Sequence' && Array.isArray(first.normalizers) ? first.normalizers : first ? [first] : [];
  if (list.some(normalizer => normalizer?.type === 'Lowercase')) return json;
  return { ...json, normalizer: { type: 'Sequence', normalizers: [{ type: 'Lowercase' }, ...list] } };
}
