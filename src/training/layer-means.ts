/** What a model makes of texts, layer by layer: the mean of each layer's hidden states over a text's tokens. */
import { openGpu } from '../gpu/device.ts';
import { Staging } from '../gpu/staging.ts';
import { attentionTileCount, attentionTileRows, attentionTiles } from '../kernels/attention.ts';
import { readModelConfig } from '../model/config-file.ts';
import { uploadWeights } from '../model/device-weights.ts';
import { makeInputs } from '../model/inputs.ts';
import { layer } from '../model/modernbert.ts';
import { openWeights } from '../model/reader.ts';
import { ropeTable } from '../model/rope.ts';
import { Words } from '../model/words.ts';
import { makeChoices } from '../runtime/choices.ts';
import { Graph, type Tensor } from '../runtime/graph.ts';
import { Memory } from '../runtime/memory.ts';
import { Runner } from '../runtime/runner.ts';
import { transformerOf } from '../source/modules.ts';
import type { ModelSource } from '../source/source.ts';
import type { Representation } from './cka.ts';

export interface LayerMeansOptions {
  gpu: GPU;
  whileWaiting?: <T>(work: Promise<T>) => Promise<T>;
  signal?: AbortSignal;
  onText?: (done: number, total: number) => void;
}

/** One representation a layer: [texts, hidden]. `texts`: token ids with their separators. Errors: those of reading a model and of a GPU. */
export async function layerMeans(
  source: ModelSource,
  texts: readonly (readonly number[])[],
  options: LayerMeansOptions,
): Promise<Representation[]> {
  const { signal, onText } = options;
  const files = await transformerOf(source, signal);
  const config = await readModelConfig(files, signal);
  const reader = await openWeights(files, config, signal);
  const gpu = await openGpu(options.gpu, { whileWaiting: options.whileWaiting });
  try {
    const weights = await uploadWeights(gpu, config, reader, { dtype: 'f32', signal });
    const { hiddenSize: H, layers, headDim, ropeTheta, layerKinds } = config;
    const tokens = texts.reduce((most, ids) => Math.max(most, ids.length), 1);
    const inputs = makeInputs(config);
    const choices = makeChoices(gpu.profile, { matmul: new Map(), attention: null });
    const tileRows = attentionTileRows({ headDim, variant: choices.attention });
    const graph = new Graph();
    const m = new Words(graph, config, 'f32', choices, inputs, { tokens, rows: 1 });
    const means: Tensor = { name: 'means of the layers', type: 'f32', shape: ['sequences', layers * H] };
    const x = m.embed(weights.embedding, weights.embeddingNorm);
    weights.layers.forEach((w, l) => {
      layer(m, x, w, layerKinds[l]!);
      m.pool(x, 'mean', { isNormalized: false, column: l * H }, means);
    });
    const sizes = { tokens, sequences: 1, boundaries: 2, tiles: Math.ceil(tokens / tileRows) + 1, rows: 1, pairs: 1 };
    const { slotOf, slotBytes } = graph.share(sizes);
    const memory = new Memory(gpu);
    await memory.make('buffers for the layers', { tensors: [...Object.values(inputs), means], slots: slotBytes }, sizes);
    const bufferOf = (tensor: Tensor) => memory.find(tensor) ?? memory.slot(slotOf.get(tensor)!);
    const steps = await graph.compile(gpu, bufferOf);
    const { queue } = gpu.device;
    const write = (tensor: Tensor, values: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>) =>
      queue.writeBuffer(bufferOf(tensor), 0, values);
    write(inputs.ropeGlobal, ropeTable(ropeTheta.global, headDim, tokens));
    write(inputs.ropeLocal, ropeTable(ropeTheta.local, headDim, tokens));
    write(
      inputs.positions,
      Uint32Array.from({ length: tokens }, (_, t) => t),
    );
    const runner = new Runner(gpu);
    const staging = new Staging(gpu);
    const results = Array.from({ length: layers }, () => new Float64Array(texts.length * H));
    for (const [t, ids] of texts.entries()) {
      const cuSeqlens = Uint32Array.of(0, ids.length);
      write(inputs.ids, Uint32Array.from(ids));
      write(inputs.cuSeqlens, cuSeqlens);
      write(inputs.tiles, attentionTiles(cuSeqlens, tileRows));
      await runner.run(steps, { tokens: ids.length, sequences: 1, skip: 0, tiles: attentionTileCount(cuSeqlens, tileRows) }, { signal });
      const data = new Float32Array(await staging.readNow([{ buffer: bufferOf(means), offset: 0, bytes: 4 * layers * H }]));
      for (const [l, values] of results.entries()) values.set(data.subarray(l * H, (l + 1) * H), t * H);
      onText?.(t + 1, texts.length);
    }
    return results.map(values => ({ values, width: H }));
  } finally {
    gpu.destroy();
  }
}
