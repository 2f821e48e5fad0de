/** Weights to begin from nothing, as transformers draws them for a ModernBERT: normal numbers, cut off at three deviations. */
import { TensorError } from '../errors.ts';
import type { ModelConfig } from '../model/config.ts';
import { listParameters, type Parameter } from '../model/parameters.ts';
import type { WeightReader } from '../model/reader.ts';
import { bits } from './random.ts';

const deviation = 0.02;
const cutoff = 3;

/** `deviation` for all matrices; those that write into the residual stream have it divided by √(2 · layers). Norms are 1, biases 0. */
export function freshWeights(config: ModelConfig, seed: number): WeightReader {
  const list = listParameters(config);
  const parameters = new Map(list.map((parameter, number) => [parameter.slot, { parameter, number }]));
  const of = (slot: string) => {
    const found = parameters.get(slot);
    if (!found) throw new TensorError(`This config has no parameter "${slot}".`, { missing: [slot] });
    return found;
  };
  const bytesOf = (slot: string) => 4 * of(slot).parameter.shape.reduce<number>((a, b) => a * b, 1);
  return {
    hasHead: true,
    slots: new Set(parameters.keys()),
    stored: 'f32',
    totalBytes: list.reduce((sum, { slot }) => sum + bytesOf(slot), 0),
    has: slot => parameters.has(slot),
    bytesOf,
    isMatrix: slot => parameters.get(slot)?.parameter.shape.length === 2,
    describe: slot => ({ name: slot, stored: 'f32', parameter: of(slot).parameter }),
    vector: async slot => new Float32Array(of(slot).parameter.shape[0]).fill(of(slot).parameter.role === 'norm' ? 1 : 0),
    matrix: slot => {
      const { parameter, number } = of(slot);
      const [N, K = 1] = parameter.shape;
      const scale = deviationOf(parameter, config.layers);
      const rows = async (first: number, count: number) => {
        const values = Float32Array.from({ length: count * K }, (_, i) => scale * normal(seed, number, first * K + i));
        return { kind: 'float' as const, values };
      };
      return { slot, N, K, storedK: K, stored: 'f32', rowBytes: 4 * K, rows };
    },
  };
}

function deviationOf({ slot }: Parameter, layers: number): number {
  return /\.Wo\.weight$/.test(slot) ? deviation / Math.sqrt(2 * layers) : deviation;
}

/** A normal number of at most three deviations: Box and Muller's, drawn again where it lies outside. */
function normal(...parts: readonly number[]): number {
  for (let attempt = 0; ; attempt++) {
    const u = (bits(...parts, attempt, 0) + 1) / 2 ** 32;
    const value = Math.sqrt(-2 * Math.log(u)) * Math.cos((2 * Math.PI * bits(...parts, attempt, 1)) / 2 ** 32);
    if (Math.abs(value) <= cutoff) return value;
  }
}
