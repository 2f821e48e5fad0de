/**
 * Where a model's files come from. Every file of a model is read through this interface, so a hub, a static host, a folder and picked
 * files look alike to the code that loads models.
 */
export interface ModelSource {
  /** Shown to people and named in errors: `almanach/…`, an address, a folder, `3 files`. */
  readonly name: string;
  /** Opens one file of the model, by its path inside it (`config.json`). Errors: ModelSourceError. */
  open(path: string, signal?: AbortSignal): Promise<SourceFile>;
  /** Whether the file is there; false only when the source says so, other failures throw ModelSourceError. */
  has(path: string, signal?: AbortSignal): Promise<boolean>;
}

/** One open file: sizes and ranges in bytes. */
export interface SourceFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** Bytes [start, end). Shorter than asked is an error (ModelSourceError), never a short answer. */
  read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
}
