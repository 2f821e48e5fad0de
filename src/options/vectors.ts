/** What the calls of an index are given, checked. */
import { InputError } from '../errors.ts';
import type { IndexOptions } from '../types.ts';
import { shown } from './read.ts';

/** The longest vectors that an index takes. */
export const maxDim = 8192;
/** The most neighbours of a query. */
export const maxNeighbours = 1000;

/** A copy, so that later changes by the caller have no effect. Errors: InputError. */
export function readVectors(call: string, given: unknown): Float32Array<ArrayBuffer> {
  if (given instanceof Float32Array) return given.slice();
  throw new InputError(`${call} needs vectors as a Float32Array, row after row, not ${shown(given)}.`, { call });
}

/** Errors: InputError. */
export function readCount(call: string, given: unknown): number {
  if (typeof given === 'number' && Number.isInteger(given) && given >= 1 && given <= maxNeighbours) return given;
  throw new InputError(`${call} needs how many neighbours to give, a whole number from 1 to ${maxNeighbours}, not ${shown(given)}.`, {
    call,
  });
}

/** Errors: InputError where the numbers of a vector are not said. */
export function requireDim({ dim }: Partial<IndexOptions>): number {
  if (dim === undefined)
    throw new InputError('index needs the numbers of a vector: { dim: 1024 }, as `dim` of what embed answers.', { option: 'dim' });
  return dim;
}
