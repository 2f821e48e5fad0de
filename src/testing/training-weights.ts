/**
 * The weights of the training fixtures: every parameter from a counter and a hash, as oracle/training_fixtures.py makes them.
 *
 *   h = hash(FNV-1a of "training `hidden` `slot`", i), both as in full-size-weights.ts
 *   matrix   (h % 255 − 127) · m · 2^e; m (8 … 15) and e are the parameter's, by its width
 *   norm     (48 … 79) / 64;  bias (−128 … 127) / 512
 *
 * f32 and f16 hold them exactly.
 */
import { listParameters, type Parameter, type ParameterConfig } from '../model/parameters.ts';
import { fnv1a, hash32 } from './full-size-weights.ts';

/** Root mean square of h % 255 − 127, nearly. */
const rms = 73.6;

/** Every parameter by slot, in the order of the forward pass and with its rows as in a checkpoint. */
export function trainingWeights(config: ParameterConfig): Map<string, Float32Array<ArrayBuffer>> {
  return new Map(listParameters(config).map(parameter => [parameter.slot, valuesOf(config.hiddenSize, parameter)]));
}

function valuesOf(hiddenSize: number, { slot, shape: [N, K], role }: Parameter): Float32Array<ArrayBuffer> {
  const seed = fnv1a(`training ${hiddenSize} ${slot}`);
  const fill = (length: number, value: (h: number) => number) => Float32Array.from({ length }, (_, i) => value(hash32(seed, i)));
  if (K === undefined) return fill(N, role === 'bias' ? h => ((h & 255) - 128) / 512 : h => (48 + (h & 31)) / 64);
  const isLively = role === 'table' || role === 'decoder' || slot.endsWith('Wqkv.weight');
  let mean = (isLively ? 1.5 : 1) / (Math.sqrt(K) * rms);
  let unit = 1;
  for (; mean < 8; mean *= 2) unit /= 2;
  const scale = Math.floor(mean) * unit;
  return fill(N * K, h => ((h % 255) - 127) * scale);
}
