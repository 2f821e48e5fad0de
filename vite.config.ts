import { chmodSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import type { Plugin, UserConfig } from 'vite';
import { defineConfig } from 'vitest/config';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const manifest = JSON.parse(readFileSync(path('package.json'), 'utf8')) as { version: string; dependencies: Record<string, string> };

/** Known at build time, where package.json cannot be read later: in the browser. */
const define = { __AFFINAGE_VERSION__: JSON.stringify(manifest.version) };

/** `vite build`: the page, in dist/app. Relative addresses, so that any folder of any static host will do. */
const page: UserConfig = {
  base: './',
  define,
  plugins: [react()],
  worker: { format: 'es' },
  build: { outDir: 'dist/app', target: 'es2023', license: true },
};

/**
 * `vite build --mode lib`: the library and the command line, in dist/lib, with the shaders inside.
 * Dependencies stay imports; readable output, since Node does not care and bundlers minify by themselves.
 */
const library: UserConfig = {
  define,
  publicDir: false,
  plugins: [workerBesideClient(), executable('cli.js')],
  build: {
    outDir: 'dist/lib',
    target: ['es2023', 'node20'],
    minify: false,
    sourcemap: false,
    lib: {
      formats: ['es'],
      entry: {
        index: path('src/index.ts'),
        node: path('src/node/index.ts'),
        cli: path('src/cli/cli.ts'),
        client: path('src/client/client.ts'),
        worker: path('src/worker/engine.worker.ts'),
      },
    },
    rolldownOptions: {
      external: [/^node:/, ...Object.keys(manifest.dependencies).map(name => new RegExp(`^${name}(/|$)`))],
      output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
    },
  },
};

export default defineConfig(({ mode }) => ({
  ...(mode === 'lib' ? library : page),
  test: {
    include: ['src/**/*.test.{ts,tsx}'],
    // A GPU test shares two cores and one software adapter with its neighbours.
    testTimeout: 60_000,
  },
}));

/**
 * In the library the worker is the file beside the client, named by a plain `new URL(…, import.meta.url)`
 * that the user's own bundler recognises; Vite would otherwise bundle a second copy of the engine into it.
 */
function workerBesideClient(): Plugin {
  return {
    name: 'affinage:worker-beside-client',
    enforce: 'pre',
    transform(code, id) {
      if (!id.endsWith('/src/client/default-worker.ts')) return null;
      return code.replace('../worker/engine.worker.ts', './worker.js');
    },
  };
}

/** npm marks the file of `bin` executable on install; a checkout needs it too. */
function executable(file: string): Plugin {
  return {
    name: 'affinage:executable',
    writeBundle({ dir }) {
      chmodSync(`${dir}/${file}`, 0o755);
    },
  };
}
