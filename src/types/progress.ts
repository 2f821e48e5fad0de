/** What a long request tells while it runs. */
export interface Progress {
  /**
   * Fetching a model: `download`: bytes from the network; `verify`: bytes hashed; `quantize`: bytes of the original converted.
   * Loading it: `files`: bytes read of the model; `compile`: pipelines; `tune`: variants measured; `check`: the first check of an adapter.
   * `run`: work of one request.
   */
  stage: 'download' | 'verify' | 'quantize' | 'files' | 'compile' | 'tune' | 'check' | 'run';
  done: number;
  /** 0 while unknown. */
  total: number;
  /** Bytes for `files`, count otherwise. */
  unit: 'bytes' | 'items';
  /** What is being read or done: a file, a kernel. */
  detail?: string;
  /** Of a pull: how much of the whole job is done, 0 … 1. It never falls, so that one bar can show it. */
  overall?: number;
  /** Of a download: bytes a second lately, and the time left; absent while unknown. */
  bytesPerSecond?: number;
  etaMs?: number;
  /** Something that the user should know although it did no harm, such as `storage full, running without saving`. */
  notice?: string;
}
export type OnProgress = (progress: Progress) => void;
