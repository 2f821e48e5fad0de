/** The border, misuse by misuse: each is an InputError that names the option, and none gets any further. */
import { expect, test } from 'vitest';
import { InputError } from '../errors.ts';
import { kernelVariants } from '../runtime/choices.ts';
import { memorySource } from '../testing/fixtures.ts';
import { readForm } from './calls.ts';
import { type OptionTable, readOptions, readSource, readTexts } from './read.ts';
import {
  embedTable,
  estimateTable,
  fillMaskTable,
  loadTable,
  pullTable,
  settingsTable,
  tokenizeTable,
  variantsTable,
  verifyTable,
} from './tables.ts';

class Settings {
  topK = 2;
}
const controller = new AbortController();
const throwing = {
  get topK(): number {
    throw new TypeError('no answer today');
  },
};
const revoked = (() => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
})();
const fill = (given: unknown) => readOptions('fillMask', fillMaskTable as OptionTable<object>, given);
const embed = (given: unknown) => readOptions('embed', embedTable as OptionTable<object>, given);
const load = (given: unknown) => readOptions('loadModel', loadTable as OptionTable<object>, given);
const pull = (given: unknown) => readOptions('pull', pullTable as OptionTable<object>, given);

const misuses: [string, () => unknown, RegExp][] = [
  ['top_k', () => fill({ top_k: 2 }), /no option "top_k".*Did you mean topK\?/],
  ['topk', () => fill({ topk: 2 }), /Did you mean topK\?/],
  ['TopK', () => fill({ TopK: 2 }), /Did you mean topK\?/],
  ['tpoK', () => fill({ tpoK: 2 }), /Did you mean topK\?/],
  ['target', () => fill({ target: ['a'] }), /Did you mean targets\?/],
  ['truncation', () => fill({ truncation: true }), /Did you mean truncate\?/],
  ['abortSignal', () => fill({ abortSignal: controller.signal }), /Did you mean signal\?/],
  ['progress_callback', () => load({ progress_callback: () => {} }), /Did you mean onProgress\?/],
  ['an option that nothing is near', () => fill({ device: 'gpu' }), /no option "device"\. The options of fillMask: topK, targets/],
  ['__proto__ from JSON', () => fill(JSON.parse('{"__proto__": {"topK": 2}}')), /no option "__proto__"/],
  ['constructor', () => fill({ constructor: 1 }), /no option "constructor"/],
  ['a name of a megabyte', () => fill({ ['x'.repeat(1e6)]: 1 }), /no option "x{60}"/],
  ['options null', () => fill(null), /options of fillMask must be an object like \{ topK: 3 \}, not null/],
  ['options as an array', () => fill([]), /options of fillMask must be an object.*not a list of 0/],
  ['options as a text', () => fill('patient'), /options of fillMask.*not "patient"/],
  ['options as a number', () => fill(3), /options of fillMask.*not 3/],
  ['options as a function', () => load(() => {}), /options of loadModel.*not a function.*\{ onProgress \}/],
  ['options as a class instance', () => fill(new Settings()), /options of fillMask.*plain object.*not a Settings/],
  ['options as a Map', () => fill(new Map([['topK', 2]])), /options of fillMask.*not a Map/],
  ['a signal for the options', () => fill(controller.signal), /options of fillMask.*not an AbortSignal.*\{ signal \}/],
  ['inherited options', () => fill(Object.create({ topK: 2 })), /options of fillMask/],
  [
    'inherited from an object without prototype',
    () => fill(Object.create(Object.assign(Object.create(null), { topK: 2 }))),
    /inherit "topK"/,
  ],
  ['a getter that throws', () => fill(throwing), /Option topK of fillMask cannot be read: no answer today/],
  ['a revoked proxy', () => fill(revoked), /options of fillMask cannot be read/],
  [
    'a proxy whose keys throw',
    () =>
      fill(
        new Proxy(
          {},
          {
            ownKeys: () => {
              throw 7;
            },
          },
        ),
      ),
    /options of fillMask cannot be read/,
  ],
  ['topK NaN', () => fill({ topK: Number.NaN }), /topK is NaN.*whole number from 1 to 1000/],
  ['topK Infinity', () => fill({ topK: Number.POSITIVE_INFINITY }), /topK is Infinity/],
  ['topK 1.5', () => fill({ topK: 1.5 }), /topK is 1\.5/],
  ['topK "5"', () => fill({ topK: '5' }), /topK is "5".*Give it as a number: topK: 5/],
  ['topK 0', () => fill({ topK: 0 }), /topK is 0/],
  ['topK -1', () => fill({ topK: -1 }), /topK is -1/],
  ['topK 1e9', () => fill({ topK: 1e9 }), /topK is 1000000000.*to 1000/],
  ['topK null', () => fill({ topK: null }), /topK is null/],
  ['topK a BigInt', () => fill({ topK: 5n }), /topK is a BigInt/],
  ['topK [5]', () => fill({ topK: [5] }), /topK is a list of 1/],
  ['topK a symbol', () => fill({ topK: Symbol('k') }), /topK is a symbol/],
  ['targets a text', () => fill({ targets: 'fièvre' }), /targets is "fièvre".*Put it in a list: targets: \["fièvre"\]/],
  ['targets a set', () => fill({ targets: new Set(['a']) }), /targets is a Set.*a list of words/],
  ['targets empty', () => fill({ targets: [] }), /targets is empty/],
  ['targets with a blank', () => fill({ targets: ['a', ' '] }), /targets holds " "/],
  ['targets with a number', () => fill({ targets: [7] }), /targets holds 7/],
  ['targets with a hole', () => fill({ targets: new Array(2) }), /targets holds undefined/],
  ['targets of a billion', () => fill({ targets: new Array(1e9) }), /1000000000 entries/],
  ['truncate "yes"', () => fill({ truncate: 'yes' }), /truncate is "yes".*true or false/],
  ['truncate 1', () => fill({ truncate: 1 }), /truncate is 1/],
  ['a signal that is none', () => fill({ signal: {} }), /signal is an object.*AbortSignal/],
  ['the controller for the signal', () => fill({ signal: controller }), /signal is an AbortController.*signal: controller\.signal/],
  ['a number of ms for the signal', () => fill({ signal: 1000 }), /signal is 1000/],
  [
    'a signal whose getter throws',
    () =>
      fill({
        signal: {
          get aborted() {
            throw new Error('gone');
          },
        },
      }),
    /Option signal of fillMask cannot be read: gone/,
  ],
  ['onProgress a text', () => fill({ onProgress: 'console.log' }), /onProgress is "console\.log".*a function/],
  ['dtype q5', () => load({ dtype: 'q5' }), /dtype is "q5".*one of f32, f16, q8, q4 or auto/],
  ['dtype fp16', () => load({ dtype: 'fp16' }), /dtype is "fp16".*Did you mean f16\?/],
  ['dtype Q4', () => load({ dtype: 'Q4' }), /dtype is "Q4".*Did you mean q4\?/],
  ['dtype 16', () => load({ dtype: 16 }), /dtype is 16/],
  ['dtype by its other name', () => load({ torch_dtype: 'f16' }), /Did you mean dtype\?/],
  ['storage f64', () => load({ storage: 'f64' }), /storage is "f64".*f32, f16 or auto/],
  ['without a text', () => load({ without: 'subgroups' }), /without is "subgroups".*Put it in a list/],
  [
    'variants as a text',
    () => load({ variants: 'matmul=tile' }),
    /Option variants of loadModel must be an object like \{ matmul: 'lanes' \}/,
  ],
  [
    'variants of an unknown kernel',
    () => load({ variants: { matmult: 'tile' } }),
    /variants of loadModel has no option "matmult"\. Did you mean matmul\? The options of variants: matmul, attention, .* and watch\./,
  ],
  ['variants of a kernel by its shader', () => load({ variants: { 'softmax-stats': 'wide' } }), /Did you mean softmaxStats\?/],
  [
    'an unknown variant',
    () => load({ variants: { matmul: 'tiel' } }),
    /variants\.matmul is "tiel".* one of lanes, rows, rows-alone, tile, tile-sliced or tile-small\. Did you mean tile\?/,
  ],
  [
    'a variant of another kernel',
    () => load({ variants: { attention: 'rows' } }),
    /variants\.attention is "rows".*lanes, register, quad or tile/,
  ],
  ['without an unknown feature', () => load({ without: ['subgroup'] }), /without holds "subgroup".*Did you mean subgroups\?/],
  ['normalize 1', () => embed({ normalize: 1 }), /normalize is 1.*true or false/],
  ['normalize "const x"', () => embed({ normalize: '1; evil' }), /normalize is "1; evil"/],
  ['normalise', () => embed({ normalise: true }), /Did you mean normalize\?/],
  ['pooling max of a typo', () => embed({ pooling: 'men' }), /pooling is "men".*Did you mean mean\?/],
  ['maxTokens -1', () => embed({ maxTokens: -1 }), /maxTokens is -1/],
  ['maxTokens "512"', () => embed({ maxTokens: '512' }), /maxTokens is "512".*maxTokens: 512/],
  ['max_length', () => embed({ max_length: 5 }), /Did you mean maxTokens\?/],
  ['tokenize with topK', () => readOptions('tokenize', tokenizeTable, { topK: 1 }), /tokenize has no option "topK"/],
  ['estimate of kind fil', () => readOptions('estimate', estimateTable, { kind: 'fil' }), /kind is "fil".*Did you mean fill\?/],
  ['pull as q5', () => pull({ dtype: 'q5' }), /dtype is "q5".*original/],
  ['pull of an empty revision', () => pull({ revision: ' ' }), /revision is " "/],
  ['pull with update "1"', () => pull({ update: '1' }), /update is "1"/],
  ['keep "false"', () => readOptions('createClient', settingsTable, { keep: 'false' }), /keep is "false"/],
  [
    'verify without a form',
    () => readForm(readOptions<{ form?: unknown }>('verify', { form: verifyTable.form }, undefined)),
    /verify needs the form/,
  ],
  ['loadModel(null)', () => readSource('loadModel', null), /loadModel needs a model.*not null/],
  ['loadModel()', () => readSource('loadModel', undefined), /loadModel needs a model.*not undefined/],
  ["loadModel('')", () => readSource('loadModel', ''), /loadModel needs the name of a model.*not ""/],
  ['loadModel(promise)', () => readSource('loadModel', Promise.resolve()), /loadModel.*not a Promise/],
  ['loadModel(url)', () => readSource('loadModel', new URL('http://x/')), /loadModel.*url\.href/],
  ['loadModel(files)', () => readSource('loadModel', []), /new FilesSource\(files\)/],
  ['texts as a text', () => readTexts('embed', 'fièvre'), /embed takes a list.*embed\(\[text\]\)/],
  ['texts as a set', () => readTexts('embed', new Set(['a'])), /embed takes a list of texts, not a Set/],
  [
    'texts with a hole',
    () => readTexts('embed', Object.assign(new Array(3), { 0: 'a', 2: 'b' })),
    /text 2 of 3: A text is expected, found nothing/,
  ],
  ['texts with a String object', () => readTexts('embed', [new String('a')]), /A text is expected, found a String/],
  ['a billion holes', () => readTexts('embed', new Array(1e9)), /1000000000 entries/],
  [
    'texts that throw',
    () =>
      readTexts(
        'embed',
        Object.defineProperty(['a'], 0, {
          get: () => {
            throw new Error('no');
          },
        }),
      ),
    /texts of embed cannot be read: no/,
  ],
];

test.each(misuses)('%s', (_, misuse, message) => {
  let error: unknown;
  try {
    misuse();
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(InputError);
  expect((error as InputError).message).toMatch(message);
  expect((error as InputError).message.length).toBeLessThan(600);
});

test('there are at least 65 misuses', () => {
  expect(misuses.length).toBeGreaterThanOrEqual(65);
});

test('what is right passes: frozen, without prototype, from another realm, undefined as left out', async () => {
  const { runInNewContext } = await import('node:vm');
  expect(fill(Object.freeze({ topK: 3 }))).toEqual({ topK: 3 });
  expect(fill(Object.assign(Object.create(null), { topK: 3 }))).toEqual({ topK: 3 });
  expect(fill(runInNewContext('({ topK: 3, targets: ["a"] })'))).toEqual({ topK: 3, targets: ['a'] });
  expect(fill({ topK: undefined, signal: controller.signal })).toEqual({ signal: controller.signal });
  expect(fill(undefined)).toEqual({});
  const source = memorySource('m', async () => undefined);
  expect(readSource('loadModel', source)).toBe(source);
});

test('each value is read once and copied: what the caller changes later has no effect', () => {
  const targets = ['a'];
  let reads = 0;
  const given = {
    get topK() {
      return ++reads;
    },
    targets,
  };
  const read = fill(given) as { topK: number; targets: string[] };
  targets[0] = 'b';
  expect([reads, read.topK, read.targets]).toEqual([1, 1, ['a']]);
  const texts = ['a'];
  const copy = readTexts('embed', texts);
  texts.push('b');
  expect(copy).toEqual(['a']);
});

test('variants: the kernels and names of the table are those that there are, and what is given is copied', () => {
  const named = Object.fromEntries(Object.entries(kernelVariants).map(([kernel, all]) => [kernel, all.map(({ name }) => name).sort()]));
  expect(Object.fromEntries(Object.entries(variantsTable).map(([kernel, { of }]) => [kernel, [...of].sort()]))).toEqual(named);
  const given = { variants: { matmul: 'tile', topk: undefined } };
  const read = load(given) as typeof given;
  expect(read).toEqual({ variants: { matmul: 'tile' } });
  given.variants.matmul = 'lanes';
  expect(read.variants.matmul).toBe('tile');
});
