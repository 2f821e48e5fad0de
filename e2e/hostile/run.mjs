/** `npm run test:hostile`: loads the run, which is TypeScript, with Vite, as e2e/run.mjs does. */
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { module } = await runnerImport(fileURLToPath(new URL('main.ts', import.meta.url)), { root, configFile: false, logLevel: 'error' });
process.exit(await module.main(root, process.argv.slice(2)));
