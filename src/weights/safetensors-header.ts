/** The JSON header of a safetensors file: parsed and checked, no input or output. `safetensors.ts` is the entry. */

import { ModelFileError } from '../errors.ts';
import { parseJsonText } from '../source/json-text.ts';

/** Bytes an element; every dtype of the format with whole bytes. */
const dtypeBytes: Readonly<Record<string, number>> = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  F8_E8M0: 1,
  U16: 2,
  I16: 2,
  F16: 2,
  BF16: 2,
  U32: 4,
  I32: 4,
  F32: 4,
  U64: 8,
  I64: 8,
  F64: 8,
  C64: 8,
};

/** One tensor; `start` and `end` are bytes. */
export interface TensorSpan {
  name: string;
  dtype: string;
  shape: readonly number[];
  start: number;
  end: number;
}

/** A name from a file, for an error text: quoted, control characters escaped, cut to a readable length. */
export function quoteName(name: string): string {
  return JSON.stringify(name.length > 120 ? `${name.slice(0, 120)}…` : name);
}

/** A value from a file, for an error text; never calls anything the file defines (`toString`). */
export function showValue(value: unknown): string {
  return typeof value === 'string' ? quoteName(value) : `a value of type ${Array.isArray(value) ? 'list' : typeof value}`;
}

/** UTF-8 JSON object without duplicate keys. Errors: ModelFileError naming `file`. */
export function parseHeaderJson(bytes: Uint8Array, file: string): Record<string, unknown> {
  if (bytes[0] !== 0x7b) {
    const reason =
      bytes[0] === 0x3c
        ? 'it starts with "<": a web page, not a model file. Check the address of the model'
        : 'it does not start with "{". Fetch it again';
    throw new ModelFileError(`${file}: the JSON part cannot be read, ${reason}.`, { file });
  }
  let json: unknown;
  let text: string;
  try {
    // Tensors lie two levels deep, their shapes one more.
    json = parseJsonText(bytes, 8);
    text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ModelFileError(`${file}: the JSON part is not valid (${reason}). The file is damaged: fetch it again.`, { file }, { cause });
  }
  const duplicate = findDuplicateKey(text);
  if (duplicate !== undefined) {
    throw new ModelFileError(`${file}: the key ${quoteName(duplicate)} stands twice, so the file is ambiguous. Do not trust it.`, { file });
  }
  return json as Record<string, unknown>;
}

/**
 * JSON.parse keeps the last of equal keys in silence, so two readers may see two models in one file.
 * Scans valid JSON; keys are compared after unescaping. Iterative: depth costs memory, not stack.
 */
function findDuplicateKey(json: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  for (let i = 0; i < json.length; i++) {
    const char = json.charCodeAt(i);
    if (char === 0x7b) open.push(new Set());
    else if (char === 0x5b) open.push(undefined);
    else if (char === 0x7d || char === 0x5d) open.pop();
    else if (char === 0x22) {
      const start = i++;
      let escaped = false;
      for (; json.charCodeAt(i) !== 0x22; i++) {
        if (json.charCodeAt(i) === 0x5c) {
          escaped = true;
          i++;
        }
      }
      let next = i + 1;
      while (json.charCodeAt(next) <= 0x20) next++;
      if (json.charCodeAt(next) !== 0x3a) continue;
      const key = escaped ? (JSON.parse(json.slice(start, i + 1)) as string) : json.slice(start + 1, i);
      const keys = open.at(-1);
      if (keys?.has(key)) return key;
      keys?.add(key);
    }
  }
  return undefined;
}

/**
 * Checks every entry: known dtype, sane shape, size = shape × dtype, and spans that cover `dataBytes` exactly, without
 * overlap or hole. Spans are returned in file order, offsets from the start of the data. Errors: ModelFileError.
 */
export function checkTensors(
  json: Record<string, unknown>,
  dataBytes: number,
  file: string,
): { spans: TensorSpan[]; metadata: Record<string, string> } {
  const metadata: Record<string, string> = Object.create(null) as Record<string, string>;
  const spans: TensorSpan[] = [];
  for (const [name, entry] of Object.entries(json)) {
    const fail = (text: string): ModelFileError =>
      new ModelFileError(`${file}: ${quoteName(name)} ${text}. The file is damaged or hostile: fetch it again, do not trust it.`, {
        file,
        tensor: name.slice(0, 200),
      });
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) throw fail('is not described by an object');
    if (name === '__metadata__') {
      for (const [key, value] of Object.entries(entry)) {
        if (typeof value !== 'string') throw fail(`has a value for ${quoteName(key)} that is no string`);
        metadata[key] = value;
      }
      continue;
    }
    const { dtype, shape, data_offsets: offsets } = entry as Record<string, unknown>;
    const size = typeof dtype === 'string' && Object.hasOwn(dtypeBytes, dtype) ? dtypeBytes[dtype] : undefined;
    if (typeof dtype !== 'string' || size === undefined) throw fail(`has the unknown dtype ${showValue(dtype)}`);
    if (!isCounts(shape) || shape.length > 32) throw fail('has a shape that is no list of up to 32 whole numbers');
    if (!isCounts(offsets) || offsets.length !== 2) throw fail('has data_offsets that are not two whole numbers');
    const [start, end] = offsets as [number, number];
    if (start > end || end > dataBytes) throw fail(`lies at bytes ${start} to ${end} of ${dataBytes} bytes of data`);
    let count = 1;
    for (const dimension of shape) {
      count *= dimension;
      if (!Number.isSafeInteger(count * size)) throw fail(`has the impossible shape [${shape.join(', ')}]`);
    }
    if (count * size !== end - start) throw fail(`needs ${count * size} bytes for ${dtype} [${shape.join(', ')}] but has ${end - start}`);
    spans.push({ name, dtype, shape, start, end });
  }
  spans.sort((a, b) => a.start - b.start || a.end - b.end);
  let covered = 0;
  for (const span of spans) {
    if (span.start !== covered) {
      const what =
        span.start < covered ? 'overlaps the tensor before it' : `leaves ${span.start - covered} bytes before it that belong to no tensor`;
      throw new ModelFileError(`${file}: ${quoteName(span.name)} ${what}. The file is damaged or hostile: do not trust it.`, {
        file,
        tensor: span.name.slice(0, 200),
      });
    }
    covered = span.end;
  }
  if (covered !== dataBytes) {
    throw new ModelFileError(
      `${file}: the tensors need ${covered} bytes of data, the file has ${dataBytes}. It was cut or padded: fetch it again.`,
      { file },
    );
  }
  return { spans, metadata };
}

const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every(entry => typeof entry === 'number' && Number.isSafeInteger(entry) && entry >= 0);

/** `"a"`, `"a" and "b"`, `"a" and 5 more`. */
export function listNames(names: readonly string[]): string {
  const [first = '', second] = names;
  if (second === undefined) return quoteName(first);
  return `${quoteName(first)} and ${names.length === 2 ? quoteName(second) : `${names.length - 1} more`}`;
}
