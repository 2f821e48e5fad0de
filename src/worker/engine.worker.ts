/** The worker's entry: runs the engine outside the page's thread, for `createClient`. */
import { createCheckedLoader } from '../verify/checked-loader.ts';
import { browserEnvironment } from './browser-environment.ts';
import { browserLibrary } from './browser-library.ts';
import { serve } from './host.ts';
import { tellRequests } from './request-log.ts';

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;
tellRequests(scope);
serve(scope, {
  load: (source, options, settings) => createCheckedLoader(browserEnvironment(settings))(source, options),
  library: browserLibrary,
  // The kernels' cases and references are loaded only for a check.
  verify: async (options, settings) => (await import('../verify/verify.ts')).verifyDevice(browserEnvironment(settings), options),
  // So is training.
  verifyTraining: async (options, settings) =>
    (await import('../verify/verify-training.ts')).verifyTraining(browserEnvironment(settings), options),
});
