/**
 * Every error that the engine throws on purpose. The class says what kind of remedy there is, so that a caller can branch on it.
 * The text says what happened, where, and what to do. Errors cross from the worker to the page as data (see `errorToData`).
 */
export class AffinageError extends Error {
  override name = 'AffinageError';
  /** Facts for a program (counts, names, sizes): plain data that survives a structured clone. */
  readonly details: Readonly<Record<string, unknown>>;
  constructor(message: string, details: Record<string, unknown> = {}, options?: ErrorOptions) {
    super(message, options);
    this.details = details;
  }
}

/** No WebGPU adapter: use another browser, switch WebGPU on, or install a Vulkan driver. */
export class NoAdapterError extends AffinageError {
  override name = 'NoAdapterError';
}

/** The adapter cannot do what the model needs: use a smaller model or precision, or another device. */
export class AdapterLimitError extends AffinageError {
  override name = 'AdapterLimitError';
}

/** The GPU went away (driver reset, sleep, `device.destroy()`): call again, the model reloads automatically. */
export class DeviceLostError extends AffinageError {
  override name = 'DeviceLostError';
}

/** A kernel did not compile or the GPU refused a command: a bug of affinage or of the driver; report it. */
export class GpuError extends AffinageError {
  override name = 'GpuError';
}

/**
 * The model computed numbers that are not finite: load it with more precise numbers (`storage`, `dtype` f32); where it is so in f32 too,
 * its weights or config are broken. `details`: `place`, `texts` (indices of all texts concerned), `storage`, `dtype`.
 */
export class NonFiniteError extends AffinageError {
  override name = 'NonFiniteError';
}

/** The GPU ran out of memory: close other pages, use a shorter text or a smaller dtype. */
export class OutOfMemoryError extends AffinageError {
  override name = 'OutOfMemoryError';
}

/** The model could not be reached or a file of it is absent: check the id, the address or the folder. */
export class ModelSourceError extends AffinageError {
  override name = 'ModelSourceError';
}

/** The place where models are kept cannot be read or written: check its permissions, or run without keeping the model. */
export class StorageError extends AffinageError {
  override name = 'StorageError';
}

/** No room to keep the model: delete another, free space, or run without keeping it. `neededBytes` and `freeBytes` in `details`. */
export class StorageFullError extends StorageError {
  override name = 'StorageFullError';
}

/** A model file is damaged or hostile: fetch it again, do not trust it. */
export class ModelFileError extends AffinageError {
  override name = 'ModelFileError';
}

/** config.json describes a model that this engine would compute wrongly: the text names the key. */
export class ConfigError extends AffinageError {
  override name = 'ConfigError';
}

/** A tensor is missing, extra or misshapen: the checkpoint does not belong to this config. */
export class TensorError extends AffinageError {
  override name = 'TensorError';
}

/** tokenizer.json is absent, damaged, or of a kind that this engine would apply wrongly. */
export class TokenizerError extends AffinageError {
  override name = 'TokenizerError';
}

/** The caller's input cannot be answered as it stands: change the text or the option that the message names. */
export class InputError extends AffinageError {
  override name = 'InputError';
}

/** The text is longer than the model's context: shorten it, or have it cut (`truncate` for fillMask and tokenize, `maxTokens` for embed). Both counts in `details`. */
export class InputTooLongError extends InputError {
  override name = 'InputTooLongError';
}

/** The model or client was disposed: load it again. */
export class DisposedError extends AffinageError {
  override name = 'DisposedError';
}

/** The worker died (crash, out of memory): the client has started a new one; call again. */
export class WorkerCrashedError extends AffinageError {
  override name = 'WorkerCrashedError';
}

const classes = {
  AffinageError,
  NoAdapterError,
  AdapterLimitError,
  DeviceLostError,
  GpuError,
  NonFiniteError,
  OutOfMemoryError,
  ModelSourceError,
  StorageError,
  StorageFullError,
  ModelFileError,
  ConfigError,
  TensorError,
  TokenizerError,
  InputError,
  InputTooLongError,
  DisposedError,
  WorkerCrashedError,
} as const;

/** An error as plain data, for `postMessage`. */
export interface ErrorData {
  name: string;
  message: string;
  details: Record<string, unknown>;
  stack?: string;
}

/** Packs any thrown value; unknown classes (AbortError, TypeError …) keep their name and text. */
export function errorToData(error: unknown): ErrorData {
  if (error instanceof AffinageError)
    return { name: error.name, message: error.message, details: { ...error.details }, stack: error.stack };
  if (error instanceof Error) return { name: error.name, message: error.message, details: {}, stack: error.stack };
  return { name: 'Error', message: String(error), details: {} };
}

/** Makes the error again on the other side: `instanceof` works there too. */
export function errorFromData(data: ErrorData): Error {
  if (data.name === 'AbortError') return new DOMException(data.message, 'AbortError');
  const known = Object.hasOwn(classes, data.name) ? classes[data.name as keyof typeof classes] : undefined;
  const error = known ? new known(data.message, data.details) : Object.assign(new Error(data.message), { name: data.name });
  if (data.stack) error.stack = data.stack;
  return error;
}
