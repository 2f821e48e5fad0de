/** The worker's entry: the whole engine off the page's thread, behind `createClient`. */
import { createCheckedLoader } from '../verify/checked-loader.ts';
import { browserEnvironment } from './browser-environment.ts';
import { browserLibrary } from './browser-library.ts';
import { serve } from './host.ts';

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;
serve(scope, {
  load: (source, options, settings) => createCheckedLoader(browserEnvironment(settings))(source, options),
  library: browserLibrary,
  // Kernel cases and references are fetched when a check is asked for.
  verify: async (options, settings) => (await import('../verify/verify.ts')).verifyDevice(browserEnvironment(settings), options),
});
