/**
 * The engine's worker for the page in one file (app/shell/single/one-file.build.ts). Nothing lies beside such a page, so the page gives the files of the
 * embedded model in its first message.
 */
import { FilesSource, type PickedFile } from '../source/files.ts';
import { createCheckedLoader } from '../verify/checked-loader.ts';
import { verifyDevice } from '../verify/verify.ts';
import { verifyTraining } from '../verify/verify-training.ts';
import { browserEnvironment } from './browser-environment.ts';
import { browserLibrary } from './browser-library.ts';
import { serve } from './host.ts';
import type { Settings } from './protocol.ts';
import { tellRequests } from './request-log.ts';

/** The page's first message. It is no call, so `serve` passes over it. */
export interface EmbeddedMessage {
  type: 'embedded';
  /** Below the folder `mini/`, after which the source is named. */
  files: readonly PickedFile[];
}

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;
const embedded = new Promise<FilesSource>(resolve => {
  scope.addEventListener('message', ({ data }: MessageEvent<Partial<EmbeddedMessage> | null>) => {
    if (data?.type === 'embedded' && data.files) resolve(new FilesSource(data.files));
  });
});

function environment(settings: Settings) {
  const env = browserEnvironment(settings);
  return { ...env, openSource: (name: string, options = {}) => (name === 'mini' ? embedded : env.openSource(name, options)) };
}

tellRequests(scope);
serve(scope, {
  load: (source, options, settings) => createCheckedLoader(environment(settings))(source, options),
  library: browserLibrary,
  verify: (options, settings) => verifyDevice(environment(settings), options),
  verifyTraining: (options, settings) => verifyTraining(environment(settings), options),
});
