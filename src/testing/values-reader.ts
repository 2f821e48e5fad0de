/** A WeightReader over numbers in memory, with rows as in a checkpoint. */
import { TensorError } from '../errors.ts';
import type { ModelConfig } from '../model/config.ts';
import { listParameters } from '../model/parameters.ts';
import type { WeightReader } from '../model/reader.ts';

export function valuesReader(config: ModelConfig, values: ReadonlyMap<string, Float32Array<ArrayBuffer>>): WeightReader {
  const parameters = new Map(listParameters(config).map(parameter => [parameter.slot, parameter]));
  const of = (slot: string) => {
    const parameter = parameters.get(slot);
    const own = values.get(slot);
    if (!parameter || !own) throw new TensorError(`no values for "${slot}"`, { missing: [slot] });
    return { parameter, own };
  };
  return {
    hasHead: true,
    slots: new Set(values.keys()),
    stored: 'f32',
    totalBytes: [...values.values()].reduce((sum, { byteLength }) => sum + byteLength, 0),
    has: slot => values.has(slot),
    bytesOf: slot => of(slot).own.byteLength,
    isMatrix: slot => parameters.get(slot)?.shape.length === 2,
    describe: slot => ({ name: slot, stored: 'f32', parameter: of(slot).parameter }),
    vector: async slot => of(slot).own.slice(),
    matrix: slot => {
      const { parameter, own } = of(slot);
      const [N, K = 1] = parameter.shape;
      const rows = async (first: number, count: number) => ({ kind: 'float' as const, values: own.slice(first * K, (first + count) * K) });
      return { slot, N, K, storedK: K, stored: 'f32', rowBytes: 4 * K, rows };
    },
  };
}

/** Every parameter of a reader that has no quantized ones, by slot. */
export async function valuesOf(reader: WeightReader): Promise<Map<string, Float32Array>> {
  const values = new Map<string, Float32Array>();
  for (const slot of reader.slots) {
    if (!reader.isMatrix(slot)) {
      values.set(slot, await reader.vector(slot));
      continue;
    }
    const matrix = reader.matrix(slot);
    const block = await matrix.rows(0, matrix.N);
    if (block.kind !== 'float') throw new TensorError(`"${slot}" is quantized`, { missing: [] });
    values.set(slot, block.values);
  }
  return values;
}
