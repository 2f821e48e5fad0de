/** affinage in Node, on Dawn. The same names as in the browser; a source may also be a local folder. */
import type { LoadModel } from '../inference/load.ts';
import { createCheckedLoader } from '../verify/checked-loader.ts';
import { nodeEnvironment } from './environment.ts';

export type { Client, ClientOptions } from '../client/client.ts';
export { createClient } from '../client/client.ts';
export * from '../errors.ts';
export type { LoadModel } from '../inference/load.ts';
export type { Library } from '../library/library.ts';
export { presets } from '../library/presets.ts';
export type * from '../library/types.ts';
export { FilesSource, type PickedFile } from '../source/files.ts';
export type { ModelSource, SourceFile } from '../source/source.ts';
export type * from '../types.ts';
export { type NodeLibraryOptions, nodeLibrary } from './library.ts';

/** Loads a model: folder, hub id, address, `mini`, or an open source. `dispose` it in the end: an open device keeps Node running. */
export const loadModel: LoadModel = createCheckedLoader(nodeEnvironment());
