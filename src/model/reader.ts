/** Reads the parameters of a planned checkpoint: vectors whole, matrices by rows, so that memory stays small. */
import { ModelFileError, TensorError } from '../errors.ts';
import { Notes } from '../notes.ts';
import type { ModelSource } from '../source/source.ts';
import { type FloatDtype, toFloat32, viewUint16 } from '../weights/dtype.ts';
import { padded, type StoredFormat } from '../weights/formats.ts';
import type { QuantizedBlock } from '../weights/quantize.ts';
import { type Checkpoint, openSafetensors, type ReadOptions } from '../weights/safetensors.ts';
import { quoteName } from '../weights/safetensors-header.ts';
import { planWeights, type SlotPlace, type WeightPlan } from './checkpoint.ts';
import { type Parameter, type ParameterConfig, wordTable } from './parameters.ts';

/**
 * Some rows of a matrix [N, K]. Floats: [count, K]. Quantized: codes and f16 scale bits with rows padded to whole groups
 * of 32 (the padding's weights are zero): q8 [count, storedK], q4 [count, storedK / 2], scale [count, storedK / 32].
 */
export type RowBlock = { kind: 'float'; values: Float32Array<ArrayBuffer> } | QuantizedBlock;

export interface MatrixReader {
  slot: string;
  /** Rows: outputs. */
  N: number;
  /** Columns: inputs. */
  K: number;
  /** K, padded to whole groups when quantized. */
  storedK: number;
  stored: StoredFormat;
  /** Bytes a row costs in the file, for choosing a block. */
  rowBytes: number;
  /** Rows [first, first + count). RangeError outside the matrix; ModelFileError for NaN or infinity in the weights. */
  rows(first: number, count: number, options?: ReadOptions): Promise<RowBlock>;
}

/** Access to every parameter by slot (parameters.ts). */
export interface WeightReader {
  /** False for a checkpoint of the base model: the slots `head.*` and `decoder.*` are not there. */
  readonly hasHead: boolean;
  /** Without `hasHead`: the tensor that shows for which other task the checkpoint was fine-tuned, if there is one. */
  readonly taskHead?: string;
  readonly slots: ReadonlySet<string>;
  /** Format of the matrices: that of the first layer's Wqkv. */
  readonly stored: StoredFormat;
  /** Bytes of all parameters in the file, for progress. */
  readonly totalBytes: number;
  has(slot: string): boolean;
  /** Bytes of a parameter in the file. */
  bytesOf(slot: string): number;
  /** Whether the slot is a 2-D parameter; false for a vector and for what is not there. */
  isMatrix(slot: string): boolean;
  /** A parameter with its name as transformers saves it (with or without `model.`, as in the checkpoint). */
  describe(slot: string): { name: string; stored: StoredFormat; parameter: Parameter };
  /** A 1-D parameter as f32. TensorError when the model has no such slot. */
  vector(slot: string, options?: ReadOptions): Promise<Float32Array<ArrayBuffer>>;
  /** A 2-D parameter. TensorError when the model has no such slot. */
  matrix(slot: string): MatrixReader;
}

/**
 * Opens a model's weights and checks them against the config. Reads headers only, unless a tied model also stores
 * its decoder: that copy is read and compared. `notes` takes what was set aside. Errors: those of `openSafetensors` and `planWeights`.
 */
export async function openWeights(
  source: ModelSource,
  config: ParameterConfig,
  signal?: AbortSignal,
  notes: Notes = new Notes(),
): Promise<WeightReader> {
  const checkpoint = await openSafetensors(source, signal, notes);
  const plan = planWeights(config, checkpoint, notes);
  await checkTied(plan, checkpoint, signal);
  return makeReader(plan, checkpoint);
}

/**
 * A file with tied embeddings may still hold `decoder.weight`. transformers 4 overwrites it with the embeddings,
 * transformers 5 unties the two when they differ: the same file would give two results, so a difference is refused.
 */
async function checkTied(plan: WeightPlan, checkpoint: Checkpoint, signal?: AbortSignal): Promise<void> {
  const copy = plan.tiedCopy;
  const table = plan.places.get(wordTable);
  if (!copy || !table) return;
  const differ = () =>
    new TensorError(
      `${quoteName(copy.tensor.name)} differs from ${quoteName(table.tensor.name)}, but config.json says that they are tied. ` +
        'Set "tie_word_embeddings" to false to use the decoder of the file, or remove it from the file.',
      { extra: [copy.tensor.name] },
    );
  const pairs = [
    [copy.tensor, table.tensor],
    [copy.scale, table.scale],
  ] as const;
  for (const [a, b] of pairs) {
    if (!a && !b) continue;
    if (!a || !b || a.dtype !== b.dtype || a.end - a.start !== b.end - b.start) throw differ();
    const size = a.end - a.start;
    const block = 4 * 2 ** 20;
    for (let at = 0; at < size; at += block) {
      const end = Math.min(size, at + block);
      const [x, y] = await Promise.all([
        checkpoint.readRange(a.name, at, end, { signal }),
        checkpoint.readRange(b.name, at, end, { signal }),
      ]);
      for (let i = 0; i < x.length; i++) if (x[i] !== y[i]) throw differ();
    }
  }
}

/** The reader over a plan. `checkTied` must have passed. */
function makeReader(plan: WeightPlan, checkpoint: Checkpoint): WeightReader {
  const place = (slot: string, axes: 1 | 2): SlotPlace => {
    const found = plan.places.get(slot);
    if (found && found.spec.shape.length === axes) return found;
    const why =
      !plan.hasHead && /^(head|decoder)\./.test(slot) ? 'the checkpoint has no prediction head' : 'the config has no such parameter';
    throw new TensorError(`There is no ${axes === 1 ? 'vector' : 'matrix'} ${quoteName(slot)}: ${why}.`, { missing: [slot] });
  };
  const sizeOf = ({ tensor, scale }: SlotPlace) => tensor.end - tensor.start + (scale ? scale.end - scale.start : 0);
  let totalBytes = 0;
  for (const found of plan.places.values()) totalBytes += sizeOf(found);
  return {
    hasHead: plan.hasHead,
    ...(plan.taskHead !== undefined && { taskHead: plan.taskHead }),
    slots: new Set(plan.places.keys()),
    stored: place('layers.0.attn.Wqkv.weight', 2).stored,
    totalBytes,
    has: slot => plan.places.has(slot),
    bytesOf: slot => {
      const found = plan.places.get(slot);
      return found ? sizeOf(found) : 0;
    },
    isMatrix: slot => plan.places.get(slot)?.spec.shape.length === 2,
    describe: slot => {
      const { spec, stored, name } = place(slot, plan.places.get(slot)?.spec.shape.length === 2 ? 2 : 1);
      return { name, stored, parameter: spec };
    },
    vector: async (slot, options) => {
      const { tensor } = place(slot, 1);
      return refuseNonFinite(toFloat32(await checkpoint.read(tensor.name, options), tensor.dtype as FloatDtype), tensor.name);
    },
    matrix: slot => makeMatrix(place(slot, 2), checkpoint),
  };
}

function makeMatrix({ spec, stored, tensor, scale }: SlotPlace, checkpoint: Checkpoint): MatrixReader {
  const [N, K = 1] = spec.shape;
  const quantized = stored === 'q8' || stored === 'q4';
  const storedK = quantized ? padded(K) : K;
  const codeBytes = (tensor.end - tensor.start) / N;
  const scaleBytes = scale ? (scale.end - scale.start) / N : 0;
  const rows = async (first: number, count: number, options?: ReadOptions): Promise<RowBlock> => {
    if (!(first >= 0 && count >= 0 && first + count <= N))
      throw new RangeError(`rows ${first} to ${first + count} are outside ${quoteName(tensor.name)} of ${N} rows`);
    const codes = checkpoint.readRange(tensor.name, first * codeBytes, (first + count) * codeBytes, options);
    if (!scale) return { kind: 'float', values: refuseNonFinite(toFloat32(await codes, tensor.dtype as FloatDtype), tensor.name) };
    const [bytes, scaleRaw] = await Promise.all([
      codes,
      checkpoint.readRange(scale.name, first * scaleBytes, (first + count) * scaleBytes, options),
    ]);
    const bits = viewUint16(scaleRaw);
    for (const half of bits) if ((half & 0x7c00) === 0x7c00) throw nonFinite(scale.name);
    if (stored === 'q4') return { kind: 'q4', q: bytes, scale: bits };
    return { kind: 'q8', q: new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length), scale: bits };
  };
  return { slot: spec.slot, N, K, storedK, stored, rowBytes: codeBytes + scaleBytes, rows };
}

function nonFinite(name: string): ModelFileError {
  return new ModelFileError(
    `${quoteName(name)} holds NaN or infinity: every answer would be NaN. The file is damaged or the training diverged. Fetch another.`,
    { tensor: name },
  );
}

/** x − x is 0 for finite x, else NaN, so one sum shows whether all are finite, without a branch for each element. */
function refuseNonFinite(values: Float32Array<ArrayBuffer>, name: string): Float32Array<ArrayBuffer> {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] as number) - (values[i] as number);
  if (sum !== 0) throw nonFinite(name);
  return values;
}
