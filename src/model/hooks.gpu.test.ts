/** What hooks see of a layer and what an adapter adds to it, against the plain forward pass. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Gpu } from '../gpu/device.ts';
import { Staging } from '../gpu/staging.ts';
import { packBatches, writeBatch } from '../inference/batch.ts';
import { passSizes } from '../inference/sizes.ts';
import { attentionTileCount, attentionTileRows } from '../kernels/attention.ts';
import { makeChoices } from '../runtime/choices.ts';
import { Graph, type Tensor } from '../runtime/graph.ts';
import type { DeviceLinear } from '../runtime/matrix.ts';
import { Memory } from '../runtime/memory.ts';
import { Runner } from '../runtime/runner.ts';
import { fixtureSource, nmse } from '../testing/fixtures.ts';
import { testGpu } from '../testing/gpu.ts';
import { type ModelConfig, readConfig } from './config.ts';
import { type DeviceWeights, uploadWeights } from './device-weights.ts';
import { makeInputs } from './inputs.ts';
import { forward, loadReferenceWeights, type ReferenceWeights } from './modernbert.ref.ts';
import { type Activation, type LayerHooks, type Projection, trunk } from './modernbert.ts';
import { openWeights } from './reader.ts';
import { ropeTable } from './rope.ts';
import { Words } from './words.ts';

const ids = [1, 5, 9, 13, 4, 6, 2];
const cuSeqlens = [0, ids.length];

let gpu: Gpu;
let config: ModelConfig;
let weights: DeviceWeights;
let reference: ReferenceWeights;

beforeAll(async () => {
  gpu = await testGpu();
  const source = fixtureSource('biases-untied-f16');
  const file = await source.open('config.json');
  config = readConfig(await file.read(0, file.sizeBytes));
  const reader = await openWeights(source, config);
  weights = await uploadWeights(gpu, config, reader, { dtype: 'f32' });
  reference = await loadReferenceWeights(reader);
});
afterAll(() => gpu.destroy());

/** Runs the trunk with hooks; answers with the residual stream, [T, H]. */
async function run(hooks: (m: Words) => LayerHooks): Promise<Float32Array> {
  const choices = makeChoices(gpu.profile, { matmul: new Map(), attention: null });
  const inputs = makeInputs(config);
  const graph = new Graph();
  const m = new Words(graph, config, 'f32', choices, inputs, { tokens: 32, rows: 1 });
  const x = trunk(m, weights, hooks(m));
  const tileRows = attentionTileRows({ headDim: config.headDim, variant: choices.attention });
  const sizes = passSizes(32, tileRows, false);
  const { slotOf, slotBytes } = graph.share(sizes);
  const memory = new Memory(gpu);
  await memory.make('a test', { tensors: Object.values(inputs), slots: slotBytes }, sizes);
  const bufferOf = (tensor: Tensor) => memory.find(tensor) ?? memory.slot(slotOf.get(tensor)!);
  for (const [tensor, theta] of [
    [inputs.ropeGlobal, config.ropeTheta.global],
    [inputs.ropeLocal, config.ropeTheta.local],
  ] as const)
    gpu.device.queue.writeBuffer(bufferOf(tensor), 0, ropeTable(theta, config.headDim, 32));
  const [batch] = packBatches([ids], 32);
  writeBatch(gpu.device.queue, name => bufferOf(inputs[name]), batch!, tileRows);
  const steps = await graph.compile(gpu, bufferOf);
  const staging = new Staging(gpu);
  const bytes = 4 * ids.length * config.hiddenSize;
  await staging.reserve(bytes);
  const finish = (encoder: GPUCommandEncoder) => staging.copy(encoder, bufferOf(x), bytes, 0);
  const tiles = attentionTileCount(cuSeqlens, tileRows);
  await new Runner(gpu).run(steps, { tokens: ids.length, sequences: 1, tiles }, { finish });
  const out = new Float32Array(await staging.read(bytes));
  staging.dispose();
  memory.free();
  return out;
}

test('each layer shows the inputs of its four matrices and what it computes, in order', async () => {
  const inputs: Projection[] = [];
  const made: Activation[] = [];
  await run(() => ({ input: matrix => inputs.push(matrix), made: activation => made.push(activation) }));
  expect(inputs.slice(0, 4)).toEqual(['attn.Wqkv', 'attn.Wo', 'mlp.Wi', 'mlp.Wo']);
  expect(made.slice(0, 5)).toEqual(['attention input', 'q, k, v', 'attended', 'mlp input', 'gated']);
  expect([inputs.length, made.length]).toEqual([4 * config.layers, 5 * config.layers]);
});

test('an adapter of low rank beside Wo and the MLP changes the model as adding B·A to the weights does', async () => {
  const rank = 32;
  const numbers = (length: number, scale: number) => Float32Array.from({ length }, (_, i) => ((((i + 1) * 0.618034) % 1) - 0.5) * scale);
  const { hiddenSize: H } = config;
  const upload = (N: number, K: number, values: Float32Array<ArrayBuffer>): DeviceLinear => {
    const w = gpu.memory.storage('weights', 'adapter', values.byteLength);
    gpu.device.queue.writeBuffer(w, 0, values);
    return { matrix: { N, K, format: 'f32', shards: [{ firstRow: 0, rows: N, w, scale: null }] }, bias: null };
  };
  const widths: Partial<Record<Projection, number>> = { 'attn.Wo': H, 'mlp.Wo': config.intermediateSize };
  const merged = new Map(reference);
  const adapters = new Map<string, { A: DeviceLinear; B: DeviceLinear }>();
  for (const [matrix, K] of Object.entries(widths)) {
    const padded = Math.ceil(K / 32) * 32;
    const A = numbers(rank * K, 0.4);
    const B = numbers(H * rank, 0.2);
    const wide = new Float32Array(rank * padded); // the MLP's width is padded with zeros on the GPU
    for (let r = 0; r < rank; r++) wide.set(A.subarray(r * K, (r + 1) * K), r * padded);
    adapters.set(matrix, { A: upload(rank, padded, wide), B: upload(H, rank, B) });
    for (let l = 0; l < config.layers; l++) {
      const slot = `layers.${l}.${matrix}.weight`;
      const W = Float32Array.from(reference.get(slot)!);
      for (let n = 0; n < H; n++)
        for (let k = 0; k < K; k++) for (let r = 0; r < rank; r++) W[n * K + k] = W[n * K + k]! + B[n * rank + r]! * A[r * K + k]!;
      merged.set(slot, W);
    }
  }
  const adapted = await run(m => ({
    project(matrix, input, plain) {
      const y = plain();
      const adapter = adapters.get(matrix);
      if (!adapter) return y;
      const low = m.linear(input, adapter.A, { kind: 'store', out: 'elem', activation: 'none', firstColumn: 0, rowStride: rank });
      return m.linear(low, adapter.B, { kind: 'residual' }, { to: y });
    },
  }));
  const expected = forward(config, merged, ids, cuSeqlens).hidden.at(-1)!;
  const before = forward(config, reference, ids, cuSeqlens).hidden.at(-1)!;
  expect(nmse(adapted, expected)).toBeLessThan(1e-9);
  expect(nmse(before, expected)).toBeGreaterThan(1e-3); // the adapter does something
});
