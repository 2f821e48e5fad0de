/**
 * What models ask of the matmul kernels is what the cases try. The requests are those of the plans themselves, over models of every
 * weight format, activation and head size; requests and cases are compared by the text of their shaders, which holds every choice
 * but the count of rows: that is a number of the run.
 */
import { expect, test } from 'vitest';
import type { DeviceProfile, Gpu } from '../gpu/device.ts';
import type { Kernel } from '../gpu/step.ts';
import { Plans } from '../inference/plans.ts';
import type { Activation, ModelConfig } from '../model/config.ts';
import type { DeviceLayer } from '../model/device-weights.ts';
import { makeChoices } from '../runtime/choices.ts';
import type { DeviceLinear, DeviceMatrix } from '../runtime/matrix.ts';
import type { WeightFormat } from '../weights/formats.ts';
import { caseContext } from './checking/run-case.ts';
import { matmulCases } from './matmul.cases.ts';
import { type MatmulShape, type MatmulVariant, matmul, matmulVariants } from './matmul.ts';
import { formatCode } from './variants.ts';

const profile = { software: true, f16: true, subgroups: true, subgroupSize: { min: 8, max: 8 } } as DeviceProfile;
const storages = ['f32', 'f16'] as const;

/** The shapes that the plans of such a model ask for, at every capacity. */
function askedFor(format: WeightFormat, headDim: 32 | 64 | 128, activation: Activation, hasBias: boolean): MatmulShape[] {
  const [H, I, V] = [128, 64, 509];
  const bias = hasBias ? ({} as GPUBuffer) : null;
  const matrix = (N: number, K: number): DeviceMatrix => ({
    N,
    K,
    format,
    shards: [{ firstRow: 0, rows: N, w: {} as GPUBuffer, scale: null }],
  });
  const linear = (N: number, K: number): DeviceLinear => ({ matrix: matrix(N, K), bias });
  const norm = { weight: {} as GPUBuffer, bias: null };
  const layer: DeviceLayer = {
    attnNorm: norm,
    Wqkv: linear(3 * H, H),
    Wo: linear(H, H),
    mlpNorm: norm,
    Wi: linear(2 * I, H),
    mlpWo: linear(H, I),
  };
  const weights = {
    embedding: matrix(V, H),
    embeddingNorm: norm,
    layers: [layer],
    finalNorm: norm,
    head: { dense: linear(H, H), norm, decoder: linear(V, H) },
  };
  const config = {
    ...{ hiddenSize: H, intermediateSize: I, vocabSize: V, heads: H / headDim, headDim, window: 64, normEps: 1e-5 },
    ...{ hiddenActivation: activation, classifierActivation: activation, layerKinds: ['global'] },
  } as unknown as ModelConfig;
  const asked: MatmulShape[] = [];
  const usual = makeChoices(profile, { matmul: new Map(), attention: null });
  const choices = {
    ...usual,
    matmul(shape: MatmulShape) {
      asked.push(shape);
      return usual.matmul(shape);
    },
  };
  for (const storage of storages) {
    const plans = new Plans({ profile } as Gpu, config, storage, choices, weights);
    for (const tokens of [1, 100]) plans.trunkCosts(tokens);
    for (const rows of [1, 64]) plans.headCosts('topk', rows);
  }
  return asked;
}

/** Choices of a kernel, from its text. `stored`, the type of y, tells the logits from a store of activations. */
function choicesIn({ code, numbers }: Kernel) {
  const constant = (name: string) => new RegExp(`^const ${name}: \\w+ = (\\w+?)u?;`, 'm').exec(code)![1]!;
  const alias = (name: string) => new RegExp(`^alias ${name} = (\\w+);`, 'm').exec(code)![1]!;
  const formats = Object.entries(formatCode).map(([name]) => name);
  const epilogue = ['store', 'residual', 'geglu', 'rope'][Number(constant('EPILOGUE'))]!;
  const activation = ['none', 'gelu', 'gelu_tanh', 'silu', 'relu'][Number(constant('ACTIVATION'))]!;
  return {
    format: formats[Number(constant('FORMAT'))]!,
    storage: alias('elem'),
    epilogue: epilogue === 'store' ? `store ${alias('stored')}` : epilogue,
    form: epilogue === 'rope' ? `head ${constant('HEAD_DIM')}` : activation,
    bias: constant('HAS_BIAS'),
    rows: numbers.find(({ name }) => name === 'rows')!.from,
  };
}

type Chosen = ReturnType<typeof choicesIn>;

/** What must be met for each variant: the three that decide which lines run together, and the rest in pairs with the epilogue. */
const meetings = {
  'epilogue, format and storage': ({ epilogue, format, storage }: Chosen) => `${epilogue} ${format} ${storage}`,
  'epilogue and its activation or size of head': ({ epilogue, form }: Chosen) => `${epilogue} ${form}`,
  'epilogue and bias': ({ epilogue, bias }: Chosen) => `${epilogue} bias ${bias}`,
  'epilogue and what counts the rows': ({ epilogue, rows }: Chosen) => `${epilogue} of ${rows}`,
};

/** Each format with each activation; head sizes and biases take turns, as `meetings` wants them with the epilogue alone. */
const asked = (Object.keys(formatCode) as WeightFormat[]).flatMap(format =>
  (['gelu', 'gelu_tanh', 'silu', 'relu'] as const).flatMap((activation, i) =>
    askedFor(format, ([32, 64, 128, 64] as const)[i]!, activation, i % 2 === 0),
  ),
);
/** What the calibration adds up (quantize/calibrate.ts): f32 with itself, rows counted by the head's counter. */
const moments: MatmulShape = {
  ...{ K: 256, N: 64, format: 'f32', storage: 'f32', hasBias: false, rows: 'rows', maxRows: 64 },
  epilogue: { kind: 'residual' },
};

/** By variant, of all that its cases try. */
const tried = new Map<MatmulVariant, Chosen[]>();
for (const { cases, variants } of matmulCases)
  for (const { name } of variants)
    tried.set(name as MatmulVariant, [
      ...(tried.get(name as MatmulVariant) ?? []),
      ...cases
        .filter(c => c.variants!.includes(name))
        .flatMap(c => storages.map(storage => choicesIn(c.make(caseContext({ profile }, c, name, storage)).kernel))),
    ]);

test('models ask for all formats, storages, epilogues, activations and head sizes', () => {
  const all = asked.map(shape => choicesIn(matmul(shape, 'tile')));
  expect(new Set(all.map(meetings['epilogue, format and storage'])).size).toBe(4 * 4 * 2);
  expect(new Set(all.map(({ form }) => form)).size).toBe(3 + 5);
  expect(new Set(all.map(meetings['epilogue and bias'])).size).toBe(4 * 2);
});

// `tile-sliced` is the shader of `tile` in other sizes: what decides which of its lines run together is met by `tile` and `tile-small`.
test.each(matmulVariants.filter(v => v.name !== 'tile-sliced').map(v => [v.name, v] as const))('%s', (name, { accepts }) => {
  const wanted = [...asked, moments].filter(accepts).map(shape => choicesIn(matmul(shape, name)));
  expect(wanted.length).toBeGreaterThan(0);
  for (const [what, of] of Object.entries(meetings)) {
    const met = new Set(tried.get(name)!.map(of));
    expect([...new Set(wanted.map(of))].filter(meeting => !met.has(meeting)).sort(), what).toEqual([]);
  }
});
