/** The worker's entry: the whole engine off the page's thread, behind `createClient`. */
import { createLoader } from '../engine/load.ts';
import { browserEnvironment } from './browser-environment.ts';
import { serve } from './host.ts';

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;
serve(scope, (source, options, settings) => createLoader(browserEnvironment(settings))(source, options));
