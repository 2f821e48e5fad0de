/** Random weights of a given shape, for measuring times without a file. The answers of such a model mean nothing. */
import { TensorError } from '../errors.ts';
import { rowBytesOf, type WeightFormat } from '../weights/formats.ts';
import { quantize } from '../weights/quantize.ts';
import type { ModelConfig } from './config.ts';
import { formatOf, listParameters } from './parameters.ts';
import type { MatrixReader, RowBlock, WeightReader } from './reader.ts';

/** Rows made once and repeated down the matrix: the speed of a kernel does not depend on the values. */
const distinctRows = 64;

/** Reads as a checkpoint of this config in `dtype` would: norms of 1, biases of 0, matrices of small numbers. */
export function randomWeights(config: ModelConfig, dtype: WeightFormat): WeightReader {
  const parameters = new Map(listParameters(config).map(parameter => [parameter.slot, parameter]));
  const blocks = new Map<string, RowBlock>();
  const of = (slot: string) => {
    const parameter = parameters.get(slot);
    if (!parameter) throw new TensorError(`This config has no parameter "${slot}".`, { missing: [slot] });
    return parameter;
  };
  const bytesOf = (slot: string) => {
    const parameter = of(slot);
    const [N, K] = parameter.shape;
    if (K === undefined) return 4 * N;
    const { w, scale } = rowBytesOf(formatOf(parameter, dtype), K);
    return N * (w + scale);
  };
  const pattern = (K: number, format: WeightFormat): RowBlock => {
    const key = `${K} ${format}`;
    const block = blocks.get(key) ?? patternOf(K, format);
    blocks.set(key, block);
    return block;
  };
  return {
    hasHead: true,
    slots: new Set(parameters.keys()),
    stored: dtype,
    totalBytes: [...parameters.keys()].reduce((sum, slot) => sum + bytesOf(slot), 0),
    has: slot => parameters.has(slot),
    bytesOf,
    isMatrix: slot => parameters.get(slot)?.shape.length === 2,
    describe: slot => ({ name: slot, stored: dtype, parameter: of(slot) }),
    vector: async slot => new Float32Array(of(slot).shape[0]).fill(of(slot).role === 'norm' ? 1 : 0),
    matrix: (slot): MatrixReader => {
      const parameter = of(slot);
      const [N, K = 1] = parameter.shape;
      const stored = formatOf(parameter, dtype);
      const rows = async (first: number, count: number) => repeated(pattern(K, stored), first, count);
      return { slot, N, K, storedK: K, stored, rowBytes: bytesOf(slot) / N, rows };
    },
  };
}

/** Numbers of a trained weight's size, ±0.05, without a period near any kernel's tile. */
function patternOf(K: number, format: WeightFormat): RowBlock {
  const values = Float32Array.from({ length: distinctRows * K }, (_, i) => ((((i + 1) * 0.6180339887498949) % 1) - 0.5) * 0.1);
  return format === 'q8' || format === 'q4' ? quantize(values, distinctRows, K, format) : { kind: 'float', values };
}

/** Rows [first, first + count) of the pattern, over and over. */
function repeated(block: RowBlock, first: number, count: number): RowBlock {
  const rows = <T extends Float32Array<ArrayBuffer> | Int8Array<ArrayBuffer> | Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>>(
    from: T,
    to: T,
  ): T => {
    const width = from.length / distinctRows;
    for (let r = 0; r < count; r++) {
      const at = ((first + r) % distinctRows) * width;
      to.set(from.subarray(at, at + width), r * width);
    }
    return to;
  };
  const length = (array: ArrayLike<number>) => (array.length / distinctRows) * count;
  if (block.kind === 'float') return { kind: 'float', values: rows(block.values, new Float32Array(length(block.values))) };
  const scale = rows(block.scale, new Uint16Array(length(block.scale)));
  return block.kind === 'q8'
    ? { kind: 'q8', q: rows(block.q, new Int8Array(length(block.q))), scale }
    : { kind: 'q4', q: rows(block.q, new Uint8Array(length(block.q))), scale };
}
