/**
 * What the page needs of the engine: something that opens a model, the library of models kept on this machine, and the check
 * of the device. The page knows no worker; `main.tsx` puts the real host in (see client-host.ts), component tests their own.
 */

import type { CalibrateOptions, ImportOptions, LibraryModel, ModelLibrary, TransferOptions } from '../../library/types.ts';
import type { FilesSource, PickedFile } from '../../source/files.ts';
import type { Dtype, Model, OnProgress } from '../../types.ts';
import type { DeviceCheck, TrainingCheck, TrainingCheckOptions, VerifyOptions } from '../../verify/types.ts';

/**
 * A model as the chooser names it. `hub`: id of a repository; `url`: address of a folder; `files`: picked on this machine;
 * `kept`: an entry of the library that has no name elsewhere, because it was imported.
 */
export type ModelChoice =
  | { kind: 'mini' }
  | { kind: 'hub'; id: string; revision?: string }
  | { kind: 'url'; address: string }
  | { kind: 'files'; files: readonly PickedFile[] }
  | { kind: 'kept'; key: string; name: string };

/** The hub that models come from, and the token for it. */
export interface Connection {
  /** Base address of the hub; undefined: the public one. */
  hubUrl: string | undefined;
  /** For private and gated models. In memory only. */
  token: string | undefined;
}

export interface OpenOptions extends Connection {
  dtype: Dtype | 'auto';
  /** False: a model from the hub is read for this time and not kept. */
  keep: boolean;
  onProgress: OnProgress;
  signal: AbortSignal;
}

/** The library as the page holds it: that of the worker, with import and export. */
export interface PageLibrary extends ModelLibrary {
  importModel(files: FilesSource, options?: ImportOptions): Promise<LibraryModel>;
  /** `texts`: null for the built-in ones. */
  calibrate(key: string, texts: readonly string[] | null, options?: CalibrateOptions): Promise<LibraryModel>;
  exportModel(key: string, folder: FileSystemDirectoryHandle | null, options?: TransferOptions): Promise<readonly PickedFile[]>;
}

export interface ModelHost {
  /**
   * A model of its own: opening another leaves this one running. An aborted call rejects (AbortError) once the worker has
   * written down how far a download came. Errors: those of `loadModel` and of the library.
   */
  open(choice: ModelChoice, options: OpenOptions): Promise<Model>;
  library(connection: Connection): PageLibrary;
  /** Errors: AbortError; what the check itself could not do is in its report. */
  verify(options: VerifyOptions): Promise<DeviceCheck>;
  /** Errors: NoAdapterError, those of a GPU; AbortError. */
  verifyTraining(options: TrainingCheckOptions): Promise<TrainingCheck[]>;
}

let host: ModelHost | null = null;

export function setModelHost(next: ModelHost): void {
  host = next;
}

export function modelHost(): ModelHost {
  if (!host) throw new Error('No model host was set: call setModelHost first.');
  return host;
}

/** Name of a choice for people; of a hub model or an address it is also what `choiceOf` reads again. */
export function nameOf(choice: ModelChoice): string {
  switch (choice.kind) {
    case 'mini':
      return 'mini';
    case 'hub':
      return choice.revision ? `${choice.id}@${choice.revision}` : choice.id;
    case 'url':
      return choice.address;
    case 'files':
      return choice.files.map(file => file.path).join(', ');
    case 'kept':
      return choice.name;
  }
}

/** What a user typed for another model: an address when it starts as one, else a hub id; null when it is neither. */
export function choiceOf(input: string): ModelChoice | null {
  const text = input.trim();
  if (/^https?:\/\//i.test(text)) return URL.canParse(text) ? { kind: 'url', address: text } : null;
  const match = /^([\w.-]+\/[\w.-]+)(?:@([\w./-]+))?$/.exec(text);
  const [, id, revision] = match ?? [];
  return id ? { kind: 'hub', id, revision } : null;
}

/** Whether opening this choice fetches something that can be kept. */
export const isFetched = (choice: ModelChoice): boolean => choice.kind === 'hub' || choice.kind === 'url';
