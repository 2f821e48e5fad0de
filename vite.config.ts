import { chmodSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import type { Plugin, UserConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { defineConfig } from 'vitest/config';
import { testAdapters } from './e2e/adapters.ts';
import { singleFile } from './src/app/shell/single/one-file.build.ts';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const manifest = JSON.parse(readFileSync(path('package.json'), 'utf8')) as { version: string; dependencies: Record<string, string> };

/** Known at build time, where package.json cannot be read later: in the browser. */
const define = { __AFFINAGE_VERSION__: JSON.stringify(manifest.version) };

/** Where models may come from, beside the page itself. */
const modelHosts = ['https://huggingface.co', 'https://*.huggingface.co', 'https://*.hf.co', process.env.AFFINAGE_CONNECT_SRC].filter(
  host => host !== undefined && host !== '',
) as string[];

/**
 * What the page may do: run its own scripts, and fetch models from itself, the hub and the hub's storage. A mirror or another
 * host of models is added by AFFINAGE_CONNECT_SRC when building (docs/HOSTING.md).
 */
const contentSecurityPolicy = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  // The engine's worker is started from a blob (src/app/shell/page-worker.ts); it may import scripts of this page alone.
  "worker-src 'self' blob:",
  "img-src 'self' data:",
  `connect-src ${["'self'", ...modelHosts].join(' ')}`,
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** `vite build`: the page, in dist/app. Relative addresses, so that any folder of any static host will do. */
const page: UserConfig = {
  base: './',
  define,
  plugins: [react(), policyInPage(), offline()],
  worker: { format: 'es' },
  // One file for the page: it is needed whole at once, and stays under the budget of 250 kB gzip.
  build: { outDir: 'dist/app', target: 'es2023', license: true, chunkSizeWarningLimit: 800 },
  // A worker takes its policy from its own answer, not from the page's meta element: the header is what binds it.
  preview: {
    headers: { 'Content-Security-Policy': `${contentSecurityPolicy}; frame-ancestors 'none'`, 'X-Content-Type-Options': 'nosniff' },
  },
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
      output: { entryFileNames: '[name].js', chunkFileNames: 'chunk-[hash].js' },
    },
  },
};

export default defineConfig(({ mode }) => ({
  ...(mode === 'lib' ? library : mode === 'single' ? singleFile(define, modelHosts) : page),
  test: {
    // A GPU test shares two cores and one software adapter with its neighbours.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      { extends: true, test: { name: 'unit', include: ['src/**/*.test.{ts,tsx}'], exclude: ['src/**/*.gpu.test.ts'] } },
      // The same GPU tests on every adapter that this machine offers; a fork of its own, as the driver reads the real environment.
      // The command line starts processes of its own: one adapter is enough for it.
      ...testAdapters().map(({ name, icd }) => ({
        extends: true as const,
        test: {
          name,
          include: ['src/**/*.gpu.test.ts'],
          ...(name === 'swiftshader' && { exclude: ['src/cli/**'] }),
          pool: 'forks' as const,
          env: { AFFINAGE_ADAPTER: name, ...(icd && { VK_ICD_FILENAMES: icd }) },
        },
      })),
    ],
  },
}));

/**
 * In the library the worker is the file beside the client, named by a plain `new URL(…, import.meta.url)` that the user's
 * own bundler recognises. The form is put in after Vite is done: it would bundle a second copy of the engine for it.
 */
function workerBesideClient(): Plugin {
  const placeholder = '__AFFINAGE_WORKER_URL__';
  const inSource = "new URL('../worker/engine.worker.ts', import.meta.url)";
  return {
    name: 'affinage:worker-beside-client',
    enforce: 'pre',
    transform(code, id) {
      if (!id.endsWith('/src/client/default-worker.ts')) return null;
      if (!code.includes(inSource)) this.error(`expected ${inSource}`);
      return code.replace(inSource, placeholder);
    },
    renderChunk: code => (code.includes(placeholder) ? code.replace(placeholder, "new URL('./worker.js', import.meta.url)") : null),
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

/** The policy as a meta element of the built page. The development server needs inline styles and does without. */
function policyInPage(): Plugin {
  return {
    name: 'affinage:policy-in-page',
    apply: 'build',
    transformIndexHtml: () => [
      { tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: contentSecurityPolicy }, injectTo: 'head-prepend' },
    ],
  };
}

/** A service worker that keeps the page and the embedded model, so that both work offline after the first visit. */
function offline() {
  return VitePWA({
    // A new version waits for the reader's consent: a reload would lose the text.
    registerType: 'prompt',
    injectRegister: false,
    workbox: {
      globPatterns: ['**/*.{html,js,css,svg,png,webmanifest}', 'models/mini/**'],
      maximumFileSizeToCacheInBytes: 16 * 2 ** 20,
      cleanupOutdatedCaches: true,
      // The engine asks for files that a model may or may not have. Offline, one of mini's that is not kept is one that it has not.
      runtimeCaching: [
        {
          urlPattern: /\/models\/mini\//,
          handler: ({ request }) => fetch(request).catch(() => new Response(null, { status: 404 })),
        },
      ],
    },
    manifest: {
      name: 'affinage',
      short_name: 'affinage',
      description: 'Le français clinique, lu sur votre machine. Clinical French, read on your own machine.',
      lang: 'fr',
      display: 'standalone',
      start_url: './',
      scope: './',
      theme_color: '#0b5d6b',
      background_color: '#f7f4ec',
      icons: [
        { src: 'icon.svg', sizes: 'any', type: 'image/svg+xml' },
        { src: 'icon-192.png', sizes: '192x192', type: 'image/png' },
        { src: 'icon-512.png', sizes: '512x512', type: 'image/png' },
        { src: 'icon-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
      ],
    },
  });
}
