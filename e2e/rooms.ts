/**
 * The rooms of src and what each may import: app → client → worker → library → inference, training → model → runtime → kernels → gpu.
 * docs/ARCHITECTURE.md describes each room. The rules are checked with dependency-cruiser, see layers.test.ts.
 */
import type { ICruiseOptions, IForbiddenRuleType } from 'dependency-cruiser';

/** Everyone may import these: errors, notes, and the shapes of requests and answers. They import nothing but each other and the shape of a source. */
const common = ['errors.ts', 'notes.ts', 'types.ts', 'types'] as const;

/** Folder → the folders and files it may import beside itself and `common`. A name that ends with .ts allows only that file of a room. */
const rooms: Readonly<Record<string, readonly string[]>> = {
  types: [],
  gpu: [],
  source: [],
  text: [],
  weights: ['source'],
  kernels: ['gpu', 'weights'],
  runtime: ['kernels', 'gpu', 'weights'],
  model: ['runtime', 'kernels', 'gpu', 'weights', 'source'],
  inference: ['model', 'runtime', 'kernels', 'gpu', 'weights', 'text', 'source', 'options'],
  training: ['model', 'runtime', 'kernels', 'gpu', 'weights', 'text', 'source', 'options'],
  quantize: ['inference', 'model', 'runtime', 'kernels', 'gpu', 'weights', 'text', 'source'],
  library: ['quantize', 'inference', 'model', 'weights', 'source', 'options'],
  verify: ['training', 'inference', 'model', 'runtime', 'kernels', 'gpu', 'source'],
  options: [
    'library/types.ts',
    'verify/types.ts',
    'worker/protocol.ts',
    'kernels/topk-limit.ts',
    'kernels/pool-modes.ts',
    'weights/edit-distance.ts',
    'source',
  ],
  worker: ['library', 'verify', 'quantize', 'inference', 'source', 'options'],
  client: ['worker/protocol.ts', 'worker/engine.worker.ts', 'library/types.ts', 'verify/types.ts', 'options', 'source'],
  app: [
    'client',
    'library/types.ts',
    'library/presets.ts',
    'verify/types.ts',
    'verify/to-text.ts',
    'source/files.ts',
    'text/masks.ts',
    'text/read-words.ts',
    'weights/formats.ts',
    'worker/engine.worker.ts',
    'worker/single.worker.ts',
  ],
  node: ['client', 'library', 'quantize', 'verify', 'inference', 'source', 'options'],
  cli: [
    'node',
    'library',
    'quantize',
    'verify',
    'training',
    'inference',
    'model',
    'source/modules.ts',
    'text',
    'options',
    'weights/edit-distance.ts',
  ],
};

/**
 * The rooms of the page, under src/app: shell → code, lesson → fill, read, search, embed, models, device, privacy → share → parts → ui → store → i18n, lib. A
 * feature does not import another, but a lesson goes on the sheet of fill. Of a feature the store knows what it holds (state.ts) and nothing that it does.
 */
const shared = ['parts', 'ui', 'store', 'i18n', 'lib'];
const pageRooms: Readonly<Record<string, readonly string[]>> = {
  lib: ['i18n'],
  i18n: ['lib', 'store'],
  store: [
    'i18n',
    'lib',
    'fill/state.ts',
    'fill/pair/state.ts',
    'read/state.ts',
    'search/state.ts',
    'embed/state.ts',
    'device/state.ts',
    'lesson/state.ts',
  ],
  ui: ['store', 'i18n', 'lib'],
  parts: ['ui', 'store', 'i18n', 'lib'],
  fill: ['share', ...shared],
  read: shared,
  search: shared,
  embed: shared,
  models: shared,
  device: shared,
  privacy: shared,
  share: shared,
  code: shared,
  lesson: ['fill', 'share', ...shared],
  shell: ['code', 'lesson', 'fill', 'read', 'search', 'embed', 'models', 'device', 'privacy', 'share', ...shared],
};

/** Tests and what serves only them may import anything. */
const tests = ['\\.test\\.tsx?$', '^src/testing/', '^src/app/testing/'];
/** A kernel's cases and what runs them: for the check of a device and for tests. */
const cases = ['\\.cases\\.ts$', '^src/kernels/checking/'];

const pattern = (name: string, under = '') =>
  name.endsWith('.ts') ? `^src/${under}${name.replaceAll('.', '\\.')}$` : `^src/${under}${name}/`;

/** `under`: the room whose rooms these are; what lies beside it is its own rule's matter. */
function rule(room: string, allowed: readonly string[], under = ''): IForbiddenRuleType {
  const beside = under === '' ? common : [];
  return {
    name: `${under}${room} imports ${[room, ...allowed, ...beside].join(', ')}${under && ` of ${under}`}`,
    severity: 'error',
    from: { path: pattern(room, under), pathNot: [...tests, ...cases] },
    to: {
      path: `^src/${under}`,
      pathNot: [...[room, ...allowed].map(name => pattern(name, under)), ...beside.map(name => pattern(name))],
    },
  };
}

export const rules: IForbiddenRuleType[] = [
  ...Object.entries(rooms).map(([room, allowed]) => rule(room, allowed)),
  ...Object.entries(pageRooms).map(([room, allowed]) => rule(room, allowed, 'app/')),
  {
    name: 'errors.ts, notes.ts, types.ts and types import each other and source/source.ts',
    severity: 'error',
    from: { path: common.map(name => pattern(name)) },
    to: { path: '^src/', pathNot: [...common.map(name => pattern(name)), pattern('source/source.ts')] },
  },
  {
    name: 'only verify and tests import the cases of kernels',
    severity: 'error',
    from: { path: '^src/', pathNot: [...tests, ...cases, pattern('verify')] },
    to: { path: cases },
  },
  {
    name: 'cases import kernels, gpu and weights; what runs them lists them in a graph',
    severity: 'error',
    from: { path: cases },
    to: { path: '^src/', pathNot: ['kernels', 'gpu', 'weights', 'runtime/graph.ts', ...common].map(name => pattern(name)) },
  },
  { name: 'only tests import src/testing', severity: 'error', from: { path: '^src/', pathNot: tests }, to: { path: '/testing/' } },
  { name: 'no file imports itself by way of others', severity: 'error', from: { path: '^src/' }, to: { circular: true } },
];

export const cruiseOptions: ICruiseOptions = {
  validate: true,
  ruleSet: { forbidden: rules },
  tsPreCompilationDeps: true, // types too: a circle of types is a circle for the reader
  exclude: 'node_modules',
};
