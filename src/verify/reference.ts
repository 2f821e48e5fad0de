/** PyTorch's answers for the embedded model: expected.json beside its weights, written by oracle/export_mini.py. */
import { ModelFileError } from '../errors.ts';
import type { ModelSource } from '../source/source.ts';

export interface ReferenceCase {
  text: string;
  /** Special tokens included. */
  ids: number[];
  /** For each mask, in reading order: the ten best tokens with their probabilities, best first. */
  masks: { ids: number[]; probabilities: number[] }[];
  /** Mean over every token, L2 norm 1. */
  embedding: Float32Array;
}

export interface Reference {
  /** Size and hash of the model.safetensors that the answers belong to. */
  weights: { bytes: number; sha256: string };
  cases: ReferenceCase[];
}

const file = 'expected.json';
const maxBytes = 4 * 2 ** 20;

/** Errors: ModelSourceError when the file is absent, ModelFileError when it is damaged. */
export async function readReference(source: ModelSource, signal?: AbortSignal): Promise<Reference> {
  const opened = await source.open(file, signal);
  if (opened.sizeBytes > maxBytes) throw damaged(`it has ${opened.sizeBytes} bytes`);
  const bytes = await opened.read(0, opened.sizeBytes, signal);
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw damaged('it is not valid JSON', cause);
  }
  if (!isRecord(parsed) || !isRecord(parsed.weights) || !Array.isArray(parsed.cases)) throw damaged('it has another form');
  const { bytes: size, sha256 } = parsed.weights;
  if (typeof size !== 'number' || typeof sha256 !== 'string' || parsed.cases.length === 0) throw damaged('it has another form');
  return { weights: { bytes: size, sha256 }, cases: parsed.cases.map(readCase) };
}

function readCase(value: unknown): ReferenceCase {
  if (!isRecord(value) || typeof value.text !== 'string' || typeof value.embedding !== 'string' || !Array.isArray(value.masks))
    throw damaged('a case has another form');
  return {
    text: value.text,
    ids: numbers(value.ids),
    masks: value.masks.map((mask: unknown) => {
      if (!isRecord(mask)) throw damaged('a mask has another form');
      const [ids, probabilities] = [numbers(mask.ids), numbers(mask.probabilities)];
      if (ids.length !== probabilities.length || ids.length < 5) throw damaged('a mask has other lengths');
      return { ids, probabilities };
    }),
    embedding: floats(value.embedding),
  };
}

function numbers(value: unknown): number[] {
  if (!Array.isArray(value) || !value.every(v => typeof v === 'number')) throw damaged('a list holds something else than numbers');
  return value;
}

/** Base64 of little-endian f32. */
function floats(text: string): Float32Array {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = Uint8Array.from(atob(text), char => char.charCodeAt(0));
  } catch (cause) {
    throw damaged('an embedding is not base64', cause);
  }
  if (bytes.length === 0 || bytes.length % 4 !== 0) throw damaged('an embedding has a wrong length');
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
}

/** Whether the source has the weights that the answers belong to: by hash with `whole`, otherwise only by size. */
export async function weightsMatch(source: ModelSource, { weights }: Reference, whole: boolean, signal?: AbortSignal): Promise<boolean> {
  const opened = await source.open('model.safetensors', signal);
  if (opened.sizeBytes !== weights.bytes) return false;
  if (!whole) return true;
  const digest = await crypto.subtle.digest('SHA-256', await opened.read(0, opened.sizeBytes, signal));
  return Array.from(new Uint8Array(digest), byte => byte.toString(16).padStart(2, '0')).join('') === weights.sha256;
}

function damaged(why: string, cause?: unknown): ModelFileError {
  return new ModelFileError(
    `${file} of the embedded model cannot be used: ${why}. Reload the page, or install affinage again.`,
    {},
    { cause },
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
