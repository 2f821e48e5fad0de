/** The public shapes of the library of models. Everything here survives a structured clone. */
import type { Dtype, OnProgress } from '../types.ts';

/** Where a model came from; enough to fetch a broken part of it again. */
export type Origin =
  | HubOrigin
  | { kind: 'url'; address: string }
  /** Imported from files. `copyOf`: the hub's model that their manifest claims to be a copy of; unproved. */
  | { kind: 'files'; name: string; copyOf?: HubOrigin };

/** `hub`: base URL; `commit`: what the revision stood for, null where the host does not say. */
export interface HubOrigin {
  kind: 'hub';
  hub: string;
  id: string;
  revision: string;
  commit: string | null;
}

/** What is asked of a pull; `original` keeps the weights as the source has them. */
export type KeptDtype = Dtype | 'original';

/** One entry of the library. */
export interface LibraryModel {
  /** Names the entry in this library: a folder name. */
  key: string;
  /** What people call it: the hub id, the address, the folder that was imported. */
  name: string;
  origin: Origin;
  /** `ready`: whole and verified. `partial`: a pull that can go on. `damaged`: a check found broken bytes; it can be mended. */
  state: 'ready' | 'partial' | 'damaged';
  /** Format of the matrices as kept. */
  dtype: KeptDtype;
  /** Bytes on this machine. */
  bytes: number;
  /** For `partial`: verified bytes and all bytes of the download. */
  download: { doneBytes: number; totalBytes: number } | null;
  /** SPDX id or the hub's own term (`apache-2.0`, `other`); null where none is given. */
  licence: string | null;
  /** ms since 1970. */
  savedAt: number;
  /** False when the host announced no hashes for some file: then only its size was checked against the host. */
  announced: boolean;
}

export interface PullOptions {
  /** Branch, tag or commit; default main, or what the name says (`owner/name@revision`). */
  revision?: string;
  /** Default q4. */
  dtype?: KeptDtype;
  /** For private and gated models. Used for requests to the hub's own origin; never stored. */
  token?: string;
  /** Fetch again what the hub has changed since; default: a ready model is used as it is, without the network. */
  update?: boolean;
  /** Aborting pauses: what is verified stays, the next pull goes on from there. */
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

export interface LibrarySpace {
  usedBytes: number | null;
  freeBytes: number | null;
  /** The browser promised not to clear it by itself. */
  persisted: boolean;
  /** Where the models are: a folder, `this browser`. */
  place: string;
}

/** A model the page and the command line offer by name. */
export interface Preset {
  id: string;
  language: 'fr' | 'en';
  size: 'base' | 'large';
  /** Parameters in millions. */
  parameters: number;
  licence: string;
}

export interface TransferOptions {
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

export interface ImportOptions extends TransferOptions {
  /** Name of the entry; default: the folder's name. */
  name?: string;
  dtype?: KeptDtype;
}

export interface CalibrateOptions extends TransferOptions {
  /** Name of the new entry; default: that of the model. */
  name?: string;
}

export interface FindOptions {
  revision?: string;
  dtype?: KeptDtype;
}

export interface OpenOptions {
  /** Called with a sentence for each repaired chunk. */
  onNotice?: (text: string) => void;
}

/** The library as a page or a program uses it: every call may be made from any tab at any time. */
export interface ModelLibrary {
  list(): Promise<LibraryModel[]>;
  space(): Promise<LibrarySpace>;
  /** Fetches a model, or what is missing of it. Errors: ModelSourceError, ModelFileError, StorageError, StorageFullError; the signal's reason (paused). */
  pull(name: string, options?: PullOptions): Promise<LibraryModel>;
  /** Hashes every byte and repairs broken chunks from the model's origin. Errors: ModelFileError when that fails. */
  check(key: string, options?: TransferOptions): Promise<LibraryModel>;
  /** Removes an entry, whole or partial. */
  remove(key: string): Promise<void>;
}
