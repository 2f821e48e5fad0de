/** Whether training computes right on this adapter: slopes of the loss against its gradients, the same bits twice, and that it learns. */
import type { Gpu } from '../gpu/device.ts';
import { type ModelConfig, parseConfig } from '../model/config.ts';
import type { WeightReader } from '../model/reader.ts';
import type { StorageType } from '../types.ts';
import { freshWeights } from './fresh-weights.ts';
import { type LabelledBatch, labelNext, maskWords } from './masking.ts';
import { integer } from './random.ts';
import { type Task, Trainer } from './trainer.ts';

export interface TrainingCheck {
  name: string;
  /** Null where it passed, else what was found. */
  failure: string | null;
}

const optimizer = { beta1: 0.9, beta2: 0.98, eps: 1e-6, weightDecay: 1e-5, clipNorm: 1 };
const steps = 20;
const tasks = ['clm', 'mlm'] as const;
/** Checks that `checkTraining` makes for each storage type. */
export const checksOfStorage = 2 * tasks.length;
/** The slope of the loss along its gradient may differ from the gradient by this share. */
const slopeBound = { f32: 0.01, f16: 0.05 } as const;

/** A model of three layers over three packed documents, in these storage types. Errors: those of the GPU; what `onCheck` throws ends it. */
export async function checkTraining(
  gpu: Gpu,
  storages: readonly StorageType[],
  onCheck?: (check: TrainingCheck) => void,
): Promise<TrainingCheck[]> {
  const config = parseConfig({
    model_type: 'modernbert',
    vocab_size: 300,
    hidden_size: 64,
    num_hidden_layers: 3,
    num_attention_heads: 2,
    intermediate_size: 96,
    max_position_embeddings: 128,
    local_attention: 16,
    global_attn_every_n_layers: 2,
  });
  const checks: TrainingCheck[] = [];
  const check = async (name: string, find: () => Promise<string | null>) => {
    const done = { name, failure: await find() };
    checks.push(done);
    onCheck?.(done);
  };
  for (const storage of storages) {
    for (const task of tasks) {
      const batch = batchOf(config, task);
      await check(`${task} ${storage}: gradients are the slopes of the loss`, () => wrongSlope(gpu, config, task, storage, batch));
      await check(`${task} ${storage}: ${steps} steps twice give the same bits, and the loss falls`, async () => {
        const [one, two] = [await losses(gpu, config, task, storage, batch), await losses(gpu, config, task, storage, batch)];
        const differs = one.findIndex((loss, i) => loss !== two[i]);
        if (differs >= 0) return `step ${differs + 1} has the loss ${one[differs]}, then ${two[differs]}`;
        return one.at(-1)! < one[0]! - 0.2 ? null : `the loss goes from ${one[0]} to ${one.at(-1)}`;
      });
    }
  }
  return checks;
}

async function wrongSlope(gpu: Gpu, config: ModelConfig, task: Task, storage: StorageType, batch: LabelledBatch): Promise<string | null> {
  // Fresh layers add so little that their gradients drown in what f16 rounds; five times as large, they matter.
  const weights = changed(freshWeights(config, 1), (slot, w) => (slot.startsWith('layers.') ? 5 * w : w));
  const tokens = batch.ids.length;
  const loss = async (reader: WeightReader) => {
    const trainer = await Trainer.open(gpu, config, reader, { tokens, optimizer, storage });
    const { loss: value } = await trainer.evaluate(task, [batch]);
    trainer.dispose();
    return value;
  };
  const trainer = await Trainer.open(gpu, config, weights, { tokens, optimizer, storage });
  await trainer.accumulate(task, [batch]);
  const failures: string[] = [];
  const far = 0.02;
  for (const slot of [
    'embeddings.tok_embeddings.weight',
    'layers.0.attn.Wqkv.weight',
    'layers.1.mlp.Wi.weight',
    'layers.2.attn.Wo.weight',
  ]) {
    const { N, rows } = trainer.gradients.matrix(slot);
    const block = (await rows(0, N)) as { values: Float32Array };
    const gradient = block.values.map(g => g / trainer.scale.value);
    const norm = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
    const moved = (by: number) => changed(weights, (of, w, i) => (of === slot ? w + by * gradient[i]! : w));
    const [up, down] = [await loss(moved(far / norm)), await loss(moved(-far / norm))];
    const slope = (up - down) / (2 * far);
    if (!(Math.abs(slope / norm - 1) <= slopeBound[storage])) failures.push(`${slot}: slope ${slope}, gradient ${norm}`);
  }
  trainer.dispose();
  return failures.length > 0 ? failures.join('; ') : null;
}

/** The weights with other values in their matrices. */
function changed(reader: WeightReader, change: (slot: string, value: number, index: number) => number): WeightReader {
  return {
    ...reader,
    matrix: slot => {
      const matrix = reader.matrix(slot);
      const rows = async (first: number, count: number) => {
        const block = (await matrix.rows(first, count)) as { kind: 'float'; values: Float32Array<ArrayBuffer> };
        return { ...block, values: block.values.map((w, i) => change(slot, w, first * matrix.K + i)) };
      };
      return { ...matrix, rows };
    },
  };
}

async function losses(gpu: Gpu, config: ModelConfig, task: Task, storage: StorageType, batch: LabelledBatch): Promise<number[]> {
  const trainer = await Trainer.open(gpu, config, freshWeights(config, 1), { tokens: batch.ids.length, optimizer, storage, dropout: 0.1 });
  const list: number[] = [];
  for (let i = 0; i < steps; i++) list.push((await trainer.step(task, [batch], { lr: 3e-3, peak: 3e-3 })).loss);
  trainer.dispose();
  return list;
}

function batchOf({ vocabSize }: ModelConfig, task: Task): LabelledBatch {
  const cuSeqlens = Uint32Array.of(0, 40, 41, 101);
  const packed = {
    number: 0,
    ids: Uint32Array.from({ length: 101 }, (_, t) => 5 + integer(vocabSize - 5, 2, t % 30)),
    positions: Uint32Array.from({ length: 101 }, (_, t) => t - cuSeqlens.findLast(start => start <= t)!),
    cuSeqlens,
  };
  return task === 'clm' ? labelNext(packed) : maskWords(packed, { seed: 1, rate: 0.3, maskId: 4 });
}
