/**
 * What the page needs of the engine: something that opens a model. The page knows no worker; `main.tsx` puts the real host
 * in (see client-host.ts), component tests put their own.
 */
import type { Dtype, Model, OnProgress } from '../engine/types.ts';

/** A model as the chooser names it. `hub`: id of a repository; `url`: address of a folder; `files`: picked on this machine. */
export type ModelChoice =
  | { kind: 'mini' }
  | { kind: 'hub'; id: string }
  | { kind: 'url'; address: string }
  | { kind: 'files'; files: readonly File[] };

export interface OpenOptions {
  dtype: Dtype | 'auto';
  /** Base address of the hub; undefined: the public one. */
  hubUrl: string | undefined;
  onProgress: OnProgress;
  signal: AbortSignal;
}

export interface ModelHost {
  /** A model of its own: opening another leaves this one running. Errors: those of `loadModel`, and AbortError. */
  open(choice: ModelChoice, options: OpenOptions): Promise<Model>;
}

let host: ModelHost | null = null;

export function setModelHost(next: ModelHost): void {
  host = next;
}

export function modelHost(): ModelHost {
  if (!host) throw new Error('No model host was set: call setModelHost first.');
  return host;
}

/** Name of a choice for people. */
export function nameOf(choice: ModelChoice): string {
  switch (choice.kind) {
    case 'mini':
      return 'mini';
    case 'hub':
      return choice.id;
    case 'url':
      return choice.address;
    case 'files':
      return choice.files.map(file => file.name).join(', ');
  }
}

/** What a reader typed for another model: an address when it starts as one, else a hub id; null when it is neither. */
export function choiceOf(input: string): ModelChoice | null {
  const text = input.trim();
  if (/^https?:\/\//i.test(text)) return URL.canParse(text) ? { kind: 'url', address: text } : null;
  return /^[\w.-]+\/[\w.-]+(@[\w./-]+)?$/.test(text) ? { kind: 'hub', id: text } : null;
}
