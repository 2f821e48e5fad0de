/** A session against PyTorch's answers for the random models of the oracle. GPU tests only. */
import { expect } from 'vitest';
import { Staging } from '../gpu/staging.ts';
import { packBatches, writeBatch } from '../inference/batch.ts';
import { plainTail } from '../inference/sentence/vectors.ts';
import { Session } from '../inference/session.ts';
import { attentionTileCount } from '../kernels/attention.ts';
import { type ModelFixture, nmse, pickRows } from './fixtures.ts';

const toleranceOf = ({ plans }: Session) => (plans.storage === 'f32' ? 1e-10 : 1e-5);

/** The rows of the sequence that the fixture holds, out of packed tokens. */
function heldRows(values: Float32Array, { cases }: ModelFixture, first: readonly number[], i: number, H: number): Float32Array {
  return pickRows(
    values,
    cases[i]!.rows.map(row => first[i]! + row),
    H,
  );
}

/** The residual stream before every layer and after the last. `what` is for the messages. */
export async function checkHidden(session: Session, fixture: ModelFixture, what: string): Promise<void> {
  const { layers: all, hiddenSize: H } = session.config;
  const first = starts(fixture);
  for (let layers = 0; layers <= all; layers++) {
    const x = await residual(session, fixture, layers);
    fixture.cases.forEach((expected, i) => {
      const error = nmse(heldRows(x, fixture, first, i, H), expected.hidden[layers]!);
      expect(error, `${what}, sequence ${i}, after ${layers} layers`).toBeLessThanOrEqual(toleranceOf(session));
    });
  }
}

/** The last hidden state, mean and first token's vector. */
export async function checkVectors(session: Session, fixture: ModelFixture, what: string): Promise<void> {
  const { hiddenSize: H } = session.config;
  const tolerance = toleranceOf(session);
  const first = starts(fixture);
  const ids = fixture.cases.map(c => [...c.ids]);
  const last = await session.vectors(ids, plainTail('none', false));
  const mean = await session.vectors(ids, plainTail('mean', true));
  const cls = await session.vectors(ids, plainTail('cls', true));
  fixture.cases.forEach((expected, i) => {
    const where = `${what}, sequence ${i}`;
    const error = nmse(heldRows(last, fixture, first, i, H), expected.hidden.at(-1)!);
    expect(error, `${where}, last hidden state`).toBeLessThanOrEqual(tolerance);
    expect(nmse(pickRows(mean, [i], H), expected.mean), `${where}, mean`).toBeLessThanOrEqual(tolerance);
    expect(nmse(pickRows(cls, [i], H), expected.cls), `${where}, cls`).toBeLessThanOrEqual(tolerance);
  });
}

/** Best ten, their log-probabilities and ranks, and those of asked tokens, against the logits. `what` is for the messages. */
export async function checkHead(session: Session, fixture: ModelFixture, what: string): Promise<void> {
  const { config } = session;
  const { storage } = session.plans;
  const ids = fixture.cases.map(c => [...c.ids]);
  const rows = fixture.cases.flatMap(({ masks }, text) => masks.map(position => ({ text, position })));
  const expected = fixture.cases.flatMap(({ masks, logits, top10 }) =>
    masks.map((_, m) => ({ logits: logits!.subarray(m * config.vocabSize, (m + 1) * config.vocabSize), top10: top10![m]! })),
  );
  const top = await session.score(ids, rows, { topK: 10 });
  const targets = [0, 5, config.vocabSize - 1];
  const scored = await session.score(ids, rows, { topK: 0, targets: () => targets });
  // Both in one pass give the same bits as each alone; each row may ask for tokens of its own.
  const asked = (row: number) => targets.slice(0, 1 + (row % 3));
  const both = await session.score(ids, rows, { topK: 10, targets: asked });
  both.forEach(({ tokens, targets: own }, r) => {
    expect(tokens, `${what}, mask ${r}`).toEqual(top[r]!.tokens);
    expect(own, `${what}, mask ${r}`).toEqual(scored[r]!.targets.slice(0, asked(r).length));
  });
  expected.forEach(({ logits, top10 }, r) => {
    const where = `${what}, mask ${r}`;
    const denominator = logSumExp(logits);
    if (storage === 'f32')
      expect(
        top[r]!.tokens.map(t => t.id),
        where,
      ).toEqual(top10);
    else expect(top[r]!.tokens[0]!.id, where).toBe(top10[0]);
    const digits = storage === 'f32' ? 4 : 1;
    for (const { id, logProb } of top[r]!.tokens) expect(logProb, `${where}, token ${id}`).toBeCloseTo(logits[id]! - denominator, digits);
    expect(scored[r]!.targets.map(t => t.id)).toEqual(targets);
    for (const { id, logProb, rank } of scored[r]!.targets) {
      expect(logProb, `${where}, target ${id}`).toBeCloseTo(logits[id]! - denominator, digits);
      if (storage === 'f32')
        expect(rank, `${where}, rank of ${id}`).toBe(1 + logits.filter((l, i) => l > logits[id]! || (l === logits[id] && i < id)).length);
    }
  });
}

function logSumExp(logits: Float32Array): number {
  const most = Math.max(...logits);
  return most + Math.log(logits.reduce((sum, l) => sum + Math.exp(l - most), 0));
}

/** The residual stream after the first `layers` layers, all sequences in one packed pass: f32 [tokens, H]. */
async function residual(whole: Session, fixture: ModelFixture, layers: number): Promise<Float32Array> {
  const { gpu, config, weights, plans } = whole;
  const cut = { ...weights, layers: weights.layers.slice(0, layers) };
  const session = new Session(gpu, config, cut, plans.storage, plans.choices);
  const [batch] = packBatches(
    fixture.cases.map(c => [...c.ids]),
    1e9,
  );
  await session.plans.reserve(batch!.tokens);
  writeBatch(gpu.device.queue, name => session.plans.buffer(name), batch!, session.plans.tileRows);
  const sizeBytes = 4 * batch!.tokens * config.hiddenSize;
  const staging = new Staging(gpu);
  await staging.reserve(sizeBytes);
  const tiles = attentionTileCount(batch!.cuSeqlens, session.plans.tileRows);
  const run = { tokens: batch!.tokens, sequences: batch!.texts.length, tiles };
  const { steps, out } = await session.plans.trunk(batch!.tokens);
  await session.runner.run(steps, run, { finish: e => staging.copy(e, out, sizeBytes, 0) });
  const x = new Float32Array(await staging.read(sizeBytes));
  staging.dispose();
  session.dispose();
  return x;
}

/** Where each sequence begins in the packed tokens. */
function starts(fixture: ModelFixture): number[] {
  const list = [0];
  for (const { ids } of fixture.cases) list.push(list.at(-1)! + ids.length);
  return list;
}
