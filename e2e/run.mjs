/** `npm test`. Loads the runner, which is TypeScript, with the Vite that is installed anyway: Node 20 strips no types. */
import { fileURLToPath } from 'node:url';

const vite = await import('vite').catch(() => null);
if (!vite) {
  console.error('The dependencies are missing: run `npm ci` first.');
  process.exit(1);
}
const root = fileURLToPath(new URL('..', import.meta.url));
const { module } = await vite.runnerImport(fileURLToPath(new URL('run.ts', import.meta.url)), {
  root,
  configFile: false,
  logLevel: 'error',
});
process.exit(await module.main(root, process.argv.slice(2)));
