/** All logits of masked rows: for the distribution over the whole vocabulary, and for comparing models. */

import { watchFlags } from '../kernels/watch.ts';
import { writeBatch } from './batch.ts';
import { nonFiniteError } from './finite.ts';
import type { Loaded } from './open.ts';
import { longestPass, type MaskRow, noTargets, scorePasses } from './passes.ts';

/** f32 [rows, vocabulary], rows in the order given; `rows` sorted by text. Errors: NonFiniteError, those of the GPU, the signal's reason. */
export async function maskedLogits(
  { gpu, session, config }: Loaded,
  ids: readonly (readonly number[])[],
  rows: readonly MaskRow[],
  signal?: AbortSignal,
): Promise<Float32Array<ArrayBuffer>> {
  const { plans, staging } = session;
  const V = config.vocabSize;
  const out = new Float32Array(rows.length * V);
  const passes = scorePasses(ids, rows, { topK: 1, targets: noTargets }, plans.tileRows);
  await plans.reserve(longestPass(passes));
  await plans.reserveResults(rows.length, 1, 0);
  const { runner } = session;
  for (const { batch, run, heads } of passes) {
    writeBatch(gpu.device.queue, name => plans.buffer(name), batch, plans.tileRows);
    const { steps } = await plans.trunk(batch.tokens);
    await runner.run(steps, run, { signal });
    for (const head of heads) {
      const bytes = 4 * V * head.packed.length;
      await staging.reserve(bytes);
      gpu.device.queue.writeBuffer(plans.buffer('rowIndex'), 0, Uint32Array.from(head.packed));
      const plan = await plans.head('topk', head.packed.length);
      const finish = (encoder: GPUCommandEncoder) => staging.copy(encoder, plan.out, bytes, 0);
      await runner.run(plan.steps, head.run, { signal, finish });
      out.set(new Float32Array(await staging.read(bytes)), head.run.firstRow * V);
    }
  }
  await runner.settle();
  const bad = new Set<number>(); // x − x is 0 for finite x, else NaN
  for (const [r, { text }] of rows.entries()) {
    let sum = 0;
    for (let i = r * V; i < (r + 1) * V; i++) sum += out[i]! - out[i]!;
    if (sum !== 0) bad.add(text);
  }
  if (bad.size > 0) {
    const findings = [...bad].map(text => ({ text, flags: watchFlags.scores }));
    throw nonFiniteError(findings, ids.length, { storage: plans.storage, dtype: session.weights.layers[0]!.Wqkv.matrix.format });
  }
  return out;
}
