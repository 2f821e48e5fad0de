/**
 * affinage in a browser: `loadModel` computes in this thread; `createClient` does the same in a worker, which pages want.
 * In Node the same names come from `node/index.ts`.
 */
import type { LoadModel } from './inference/load.ts';
import { createCheckedLoader } from './verify/checked-loader.ts';
import { browserEnvironment } from './worker/browser-environment.ts';

export type { Client, ClientOptions } from './client/client.ts';
export { createClient } from './client/client.ts';
export * from './errors.ts';
export type { LoadModel } from './inference/load.ts';
export { FilesSource, type PickedFile } from './source/files.ts';
export type { ModelSource, SourceFile } from './source/source.ts';
export type * from './types.ts';

/** Loads a model: hub id, address of a folder, `mini`, or an open source. Resolves when it is ready to answer. */
export const loadModel: LoadModel = createCheckedLoader(browserEnvironment());
