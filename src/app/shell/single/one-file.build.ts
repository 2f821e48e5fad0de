/**
 * `vite build --mode single`: the whole page in one file, dist/single/affinage.html, which works by a double click, without a server and
 * without a network. A page opened from the disk may load no other file, so scripts, styles, the worker and the embedded model are
 * inside.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { type Plugin, parseAst, type Rollup, type UserConfig } from 'vite';

/** From the top of the project. */
const path = (relative: string) => fileURLToPath(new URL(`../../../../${relative}`, import.meta.url));
const fileName = 'affinage.html';

/** Modules of src/app/shell that have another form in one file, under shell/single. */
const swapped = ['page-worker.ts', 'pwa.ts'];

/** `define`: as for the page. `connect`: the origins that the page may fetch models from. */
export function singleFile(define: Record<string, string>, connect: readonly string[]): UserConfig {
  return {
    base: './',
    define,
    publicDir: false,
    plugins: [react(), otherForms(), inOneFile(connect)],
    worker: { format: 'iife', rolldownOptions: { output: { codeSplitting: false } } },
    build: {
      outDir: 'dist/single',
      target: 'es2023',
      license: true,
      cssCodeSplit: false,
      modulePreload: false,
      assetsInlineLimit: Number.MAX_SAFE_INTEGER,
      chunkSizeWarningLimit: 100_000,
      rolldownOptions: { output: { codeSplitting: false } },
    },
  };
}

function otherForms(): Plugin {
  const shell = path('src/app/shell/');
  return {
    name: 'affinage:other-forms',
    enforce: 'pre',
    async resolveId(source, importer, options) {
      // Any worker's code becomes text in the page.
      if (/\?worker$/.test(source)) return this.resolve(`${source}&inline`, importer, { ...options, skipSelf: true });
      const found = await this.resolve(source, importer, { ...options, skipSelf: true });
      return found && swapped.some(name => found.id === shell + name) ? found.id.replace(shell, `${shell}single/`) : null;
    },
  };
}

/** Puts what was built, and what lies in public, into the page; a file that has no place in it is an error. */
function inOneFile(connect: readonly string[]): Plugin {
  return {
    name: 'affinage:in-one-file',
    enforce: 'post',
    generateBundle: {
      // After the list of licenses.
      order: 'post',
      handler(_, bundle) {
        const built = Object.values(bundle);
        const page = built.find((each): each is Rollup.OutputAsset => each.type === 'asset' && each.fileName === 'index.html');
        if (!page) throw new Error('The build made no index.html.');
        const scripts = built.filter(each => each.type === 'chunk');
        const styles = built.filter((each): each is Rollup.OutputAsset => each.type === 'asset' && each.fileName.endsWith('.css'));
        const licenses = built.find((each): each is Rollup.OutputAsset => each.type === 'asset' && each.fileName.endsWith('license.md'));
        if (!licenses) throw new Error('The build made no list of licenses.');
        const taken: unknown[] = [page, licenses, ...scripts, ...styles];
        const rest = built.filter(each => !taken.includes(each));
        // The library's default worker is named in the code; the page gives its own and never asks for it.
        const unknown = rest.map(each => each.fileName).filter(name => !/^assets\/engine\.worker-/.test(name));
        if (scripts.length !== 1 || styles.length > 1 || unknown.length > 0) {
          const names = [...scripts, ...styles, ...rest].map(each => each.fileName).join(', ');
          throw new Error(`One file has a place for one script and one style sheet, but the build made ${names}.`);
        }
        for (const each of built) delete bundle[each.fileName];
        const code = inScript((scripts[0] as Rollup.OutputChunk).code);
        const first = inScript(readFileSync(path('public/first-paint.js'), 'utf8'));
        const style = styles.map(each => text(each.source)).join('');
        const source = assemble(text(page.source), {
          code,
          first,
          style,
          licenses: text(licenses.source),
          policy: policyOf([code, first], style, connect),
        });
        this.emitFile({ type: 'asset', fileName, source });
      },
    },
  };
}

const text = (source: string | Uint8Array): string => (typeof source === 'string' ? source : new TextDecoder().decode(source));

interface Parts {
  code: string;
  first: string;
  style: string;
  licenses: string;
  policy: string;
}

function assemble(html: string, { code, first, style, licenses, policy }: Parts): string {
  const icon = readFileSync(path('public/icon.svg')).toString('base64');
  /** Each pattern must be there, so that a change of index.html cannot leave a file outside. */
  const put = (page: string, pattern: RegExp, replacement: string): string => {
    if (!pattern.test(page)) throw new Error(`index.html has nothing like ${pattern}.`);
    return page.replace(pattern, () => replacement);
  };
  let page = put(html, /<head>/, `<head>\n    <meta http-equiv="Content-Security-Policy" content="${policy}" />`);
  page = put(page, /<link rel="icon"[^>]*>/, `<link rel="icon" href="data:image/svg+xml;base64,${icon}" />`);
  page = put(page, /\s*<link rel="apple-touch-icon"[^>]*>/, '');
  page = put(page, /<script [^>]*src="\.\/first-paint\.js"[^>]*><\/script>/, `<script>${first}</script>`);
  page = put(page, /\s*<script type="module"[^>]*src="[^"]*"[^>]*><\/script>/, '');
  page = put(page, /<link rel="stylesheet"[^>]*>/, `<style>${style}</style>`);
  page = put(
    page,
    /<\/body>/,
    `${dataBlock('data-licenses', Buffer.from(licenses))}\n${modelBlocks()}\n    <script type="module">${code}</script>\n  </body>`,
  );
  const outside = /<(?:script|link|img)\b[^>]*\s(?:src|href)="(?!data:)[^"]*"/.exec(
    page.replaceAll(/(<script[^>]*>)[\s\S]*?<\/script>/g, '$1'),
  );
  if (outside) throw new Error(`The page still names a file outside: ${outside[0]}`);
  return page;
}

/** A block of a type that is no script is data: it is not run, and no policy asks about it. */
const dataBlock = (attribute: string, content: Buffer): string =>
  `<script type="application/octet-stream" ${attribute}>${content.toString('base64')}</script>`;

function modelBlocks(): string {
  const folder = 'public/models/mini';
  return readdirSync(path(folder))
    .map(name => dataBlock(`data-model-file="mini/${name}"`, readFileSync(path(`${folder}/${name}`))))
    .join('\n');
}

/** Code that may stand in a script element: no text in it ends the element. An escape outside of strings and patterns would not parse. */
function inScript(code: string): string {
  const escaped = code.replaceAll(/<(?=\/script|script|!--)/gi, '\\x3C');
  parseAst(escaped);
  return escaped;
}

const hashOf = (content: string): string => `'sha256-${createHash('sha256').update(content).digest('base64')}'`;

/** Only these scripts and this style may run; requests go to the hub alone, and only when a model is asked of it. */
function policyOf(scripts: readonly string[], style: string, connect: readonly string[]): string {
  return [
    "default-src 'none'",
    `script-src ${scripts.map(hashOf).join(' ')}`,
    `style-src ${hashOf(style)}`,
    'worker-src blob:',
    'img-src data:',
    `connect-src ${connect.join(' ')}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}
