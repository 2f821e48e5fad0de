/**
 * Numbers that are not finite. The GPU looks (shaders/watch.wgsl, softmax-stats): at the last hidden state before anything that could hide
 * it (a pooling, a head with relu), and at the vectors and scores themselves. What it found comes back with the answer.
 */
import { NonFiniteError } from '../errors.ts';
import { watchFlags } from '../kernels/watch.ts';
import type { StorageType } from '../types.ts';
import type { WeightFormat } from '../weights/formats.ts';

export interface Finding {
  /** Index in the request. */
  text: number;
  /** `watchFlags`, added up; not 0. */
  flags: number;
}

/** How the numbers were stored, for the remedy. */
export interface NumberFormats {
  storage: StorageType;
  dtype: WeightFormat;
}

/** Texts named in an error's text; `details` has them all. */
const mostNamed = 5;

/** The error for these texts of a request of `total`. */
export function nonFiniteError(findings: readonly Finding[], total: number, formats: NumberFormats): NonFiniteError {
  const texts = [...new Set(findings.map(({ text }) => text))].sort((a, b) => a - b);
  const flags = findings.reduce((all, finding) => all | finding.flags, 0);
  // The first place is named, as bad numbers there cause those after it.
  const place = flags & watchFlags.hidden ? 'last hidden state' : flags & watchFlags.vector ? 'vectors' : 'scores';
  return new NonFiniteError(
    `The ${place} of ${nameTexts(texts, total)} ${place === 'last hidden state' ? 'has' : 'have'} numbers that are not finite (NaN or infinity)${
      formats.storage === 'f32' ? ', in f32 too' : ''
    }. ${remedy(formats)}`,
    { place, texts, ...formats },
  );
}

function nameTexts(texts: readonly number[], total: number): string {
  if (total === 1) return 'the text';
  const named = texts.slice(0, mostNamed).map(text => text + 1);
  const rest = texts.length - named.length;
  return `${texts.length === 1 ? 'text' : 'texts'} ${named.join(', ')}${rest > 0 ? ` and ${rest} more` : ''} of ${total}`;
}

function remedy({ storage, dtype }: NumberFormats): string {
  if (storage === 'f16') return 'They are beyond what f16 can hold: load the model with storage "f32".';
  if (dtype !== 'f32') {
    return `Load the model with dtype "f32" instead of "${dtype}". If that fails as well, its weights or its config.json are broken: get it from its source again, or use another model.`;
  }
  return 'The weights or the config.json of this model are broken: get it from its source again, or use another model. If PyTorch computes it, check this device and report it.';
}

/** The key under which it is remembered that a model needs f32. It has the version, as a later one may compute in another way. */
export const f32Key = (version: string, identity: string): string => `f32-storage|${version}|${identity}`;

export const f32Note =
  'Some numbers between the layers of this model are beyond what f16 can hold (65,504). They are stored as f32 from now on, in later loads too: ' +
  'answers are right, and take more time and memory than with f16.';
