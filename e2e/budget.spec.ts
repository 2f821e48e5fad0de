/** What every visit loads before anything is asked for: scripts and styles that the built page names, without the model, the engine's worker and later views. */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { appFolder, expect, test } from './site.ts';

const MOST_BYTES = 250_000;

test('the shell is at most 250 kB compressed', () => {
  const page = readFileSync(`${appFolder}/index.html`, 'utf8');
  const named = [...page.matchAll(/(?:src|href)="\.\/([^"]+\.(?:js|css))"/g)].map(([, file]) => file ?? '');
  expect(named.filter(file => file.endsWith('.js')).length).toBeGreaterThan(1);
  const bytes = named.reduce((sum, file) => sum + gzipSync(readFileSync(`${appFolder}/${file}`)).length, 0);
  console.log(`shell: ${Math.round(bytes / 1000)} kB in ${named.length} files`);
  expect(bytes).toBeLessThanOrEqual(MOST_BYTES);
});
