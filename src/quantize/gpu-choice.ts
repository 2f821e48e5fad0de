/** Chooses where rows are quantized: on the CPU, or on the GPU if trials show that it is right and faster here. Both give the same bits. */

import { groupSize } from '../weights/formats.ts';
import { type QuantizedBlock, quantize } from '../weights/quantize.ts';
import type { QuantizeRows } from './converted-file.ts';

/** `GpuQuantizer` is one. */
export interface RowQuantizer {
  quantize(values: Float32Array<ArrayBuffer>, rows: number, K: number, format: 'q8' | 'q4'): Promise<QuantizedBlock>;
}

export interface Choice {
  place: 'cpu' | 'gpu';
  /** Best of the trials, in weights a second. */
  cpu: number;
  gpu: number;
  /** Why the GPU is not used, regardless of its speed. */
  refused?: string;
}

/** Blocks that both compute. On the GPU the first includes compiling. */
const trials = 3;
/** Blocks with fewer weights are too small to measure the speed. */
const leastWeights = 2 ** 16;
/** The GPU is used only if it takes less than this share of the CPU's time. */
const clearly = 0.9;

type Format = 'q8' | 'q4';

/**
 * A quantizer of rows that tries both on the first blocks of each format. It takes the GPU if its codes and scales are those of the CPU
 * and it is clearly faster. Later, one row of every block is still compared: after one wrong bit, or an error of the GPU, the CPU computes
 * that block and all others. `onChoice` is called with each decision.
 */
export function fasterRows(gpu: RowQuantizer, onChoice: (format: Format, choice: Choice) => void = () => {}): QuantizeRows {
  const choices = new Map<Format, Choice>();
  const tried = new Map<Format, { blocks: number; cpu: number; gpu: number }>();
  const decide = (format: Format, choice: Choice) => {
    choices.set(format, choice);
    onChoice(format, choice);
  };
  let turn = 0;

  const attempt = async (format: Format, work: () => Promise<QuantizedBlock>): Promise<QuantizedBlock | null> => {
    try {
      return await work();
    } catch (error) {
      decide(format, { place: 'cpu', cpu: 0, gpu: 0, refused: error instanceof Error ? error.message : String(error) });
      return null;
    }
  };

  return async (values, rows, K, format) => {
    const choice = choices.get(format);
    const onCpu = () => quantize(values, rows, K, format);
    if (choice?.place === 'cpu' || K % groupSize !== 0 || (!choice && rows * K < leastWeights)) return onCpu();
    const started = performance.now();
    const answer = await attempt(format, () => gpu.quantize(values, rows, K, format));
    if (!answer) return onCpu();
    const answered = performance.now();
    if (choice) {
      const row = turn++ % rows;
      const sample = quantize(values.subarray(row * K, (row + 1) * K), 1, K, format);
      if (isRow(sample, answer, row, rows)) return answer;
      decide(format, { ...choice, place: 'cpu', refused: 'wrong codes after the trial' });
      return onCpu();
    }
    const block = onCpu();
    const weights = rows * K;
    const soFar = tried.get(format) ?? { blocks: 0, cpu: 0, gpu: 0 };
    soFar.blocks++;
    soFar.gpu = Math.max(soFar.gpu, weights / ((answered - started) / 1000));
    soFar.cpu = Math.max(soFar.cpu, weights / ((performance.now() - answered) / 1000));
    tried.set(format, soFar);
    const { cpu, gpu: speed } = soFar;
    if (!isSame(block, answer)) decide(format, { place: 'cpu', cpu, gpu: speed, refused: 'wrong codes' });
    else if (soFar.blocks >= trials) decide(format, { place: speed * clearly > cpu ? 'gpu' : 'cpu', cpu, gpu: speed });
    return block;
  };
}

function isSame(a: QuantizedBlock, b: QuantizedBlock): boolean {
  return isRow(a, b, 0, 1);
}

/** Whether `row`, a block of its own, is that row of `block`. */
function isRow(row: QuantizedBlock, block: QuantizedBlock, index: number, rows: number): boolean {
  const equal = (a: ArrayLike<number>, b: Int8Array | Uint8Array | Uint16Array) => {
    const from = index * (b.length / rows);
    if (a.length * rows !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (a[i] !== b[from + i]) return false;
    return true;
  };
  return row.kind === block.kind && equal(row.q, block.q) && equal(row.scale, block.scale);
}
