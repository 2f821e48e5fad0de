/** A target: files that belong to a model, and the product's own way of reading them. */

import type { Mutation } from './bytes.ts';
import type { Random } from './random.ts';

export type Bytes = Uint8Array<ArrayBuffer>;
export type Files = Readonly<Record<string, Bytes>>;

export interface Subject {
  files: Files;
  /** Files to mutate, with their share; `same`: mutations that keep the meaning must keep the answer; `special`: what only this kind of file can hold. */
  mutable: readonly { path: string; share: number; json: boolean; same: boolean; special?: (file: Bytes, random: Random) => Mutation }[];
  /** Classes of errors that are right for these files. */
  families: readonly (abstract new (
    ...args: never[]
  ) => Error)[];
  /**
   * Reads the files as the product does, uses the result, and returns a value by which two readings can be compared.
   * Throws what the product throws, or `Silent` for a wrong answer.
   */
  attempt(files: Files, mutated: string): Promise<unknown>;
}

export interface Target {
  name: string;
  share: number;
  /** `root`: of the repository. */
  prepare(root: string): Promise<Subject>;
}

/** The file was accepted, and the result is wrong. */
export class Silent extends Error {
  override name = 'Silent';
}

export function demand(isRight: boolean, what: string): asserts isRight {
  if (!isRight) throw new Silent(what);
}

export const utf8 = (text: string): Bytes => new Uint8Array(new TextEncoder().encode(text));
export const json = (value: unknown): Bytes => utf8(JSON.stringify(value, null, 1));
