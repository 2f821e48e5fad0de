/** The process that reads hostile files: one input at a time, each made from the seed and its number alone. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AffinageError } from '../../src/errors.ts';
import { type Mutation, mutateBytes } from './bytes.ts';
import { mutateJson } from './json.ts';
import { Random } from './random.ts';
import { type Bytes, Silent, type Subject, type Target } from './target.ts';
import { targets } from './targets/all.ts';
import { traps, trapTarget } from './targets/trap.ts';
import { headerOf, withHeader } from './targets/weights.ts';
import type { FromWorker, Job } from './wire.ts';

const [root = '', seedText = '1', folder = ''] = process.argv.slice(2);
const seed = Number(seedText);

interface Prepared {
  subject: Subject;
  /** The result for the unchanged files. */
  baseline: string;
}
const prepared = new Map<Target, Promise<Prepared>>();

async function prepare(target: Target): Promise<Prepared> {
  const subject = await target.prepare(root);
  const answer = target === trapTarget ? null : await subject.attempt(subject.files, '');
  return { subject, baseline: JSON.stringify(answer) };
}

interface Input {
  target: Target;
  path: string;
  mutation: Mutation;
}

/** Input `index`: its target, its file, and what is done to it. Trap inputs have negative numbers. */
async function inputOf(index: number): Promise<Input & Prepared> {
  const random = new Random(seed, index);
  const target = index < 0 ? trapTarget : random.weighted(targets);
  const ready = prepared.get(target) ?? prepare(target);
  prepared.set(target, ready);
  const { subject, baseline } = await ready;
  const { path, json, same, special } = random.weighted(subject.mutable);
  const file = subject.files[path] as Bytes;
  if (index < 0) {
    const what = traps[-1 - index] ?? 'typed';
    return { target, path, subject, baseline, mutation: { what, bytes: new Uint8Array(new TextEncoder().encode(what)), same: false } };
  }
  const others = Object.values(subject.files);
  const header = path.endsWith('.safetensors') && random.chance(0.75) ? headerOf(file) : null;
  const part = header ?? file;
  const isJson = json || header !== null;
  const mutation =
    (special && random.chance(0.25) && special(file, random)) ||
    (isJson && random.chance(0.65) && mutateJson(part, random, { canBeSame: same })) ||
    mutateBytes(part, random, random.pick(others));
  return { target, path, subject, baseline, mutation: header ? { ...mutation, bytes: withHeader(file, mutation.bytes) } : mutation };
}

async function run(index: number): Promise<Extract<FromWorker, { type: 'end' }>> {
  const { target, path, subject, baseline, mutation } = await inputOf(index);
  send({ type: 'start', index, target: target.name, path, what: mutation.what });
  let outcome: Extract<FromWorker, { type: 'end' }>['outcome'] = 'accepted';
  let why = '';
  try {
    const answer = await subject.attempt({ ...subject.files, [path]: mutation.bytes }, path);
    if (mutation.same && JSON.stringify(answer) !== baseline) [outcome, why] = ['silent', 'other answers, though the file means the same'];
  } catch (error) {
    const told = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    if (error instanceof Silent) [outcome, why] = ['silent', error.message];
    else if (!subject.families.some(family => error instanceof family))
      [outcome, why] = [
        'untyped',
        error instanceof AffinageError ? `of another family: ${told}` : `${error instanceof Error ? error.stack : told}`,
      ];
    else if (mutation.same) [outcome, why] = ['silent', `refused, though the file means the same: ${told}`];
    else [outcome, why] = ['refused', told];
  }
  if (outcome === 'untyped' || outcome === 'silent') write(index, path, mutation);
  return { type: 'end', index, outcome, why: why.slice(0, 1500) };
}

/** Writes the input to a file, for finding the fault. */
function write(index: number, path: string, { bytes }: Mutation): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${seed}-${index}-${path.replaceAll('/', '_').slice(-60)}`), bytes);
}

const send = (message: FromWorker) => process.send?.(message);

process.on('message', async (job: Job) => {
  // The unchanged files must be readable: an error here is a fault of this run.
  try {
    await inputOf(job.index);
  } catch (error) {
    send({ type: 'broken', why: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    return;
  }
  if (job.type === 'run') send(await run(job.index));
  else {
    const { path, mutation } = await inputOf(job.index);
    write(job.index, path, mutation);
    send({ type: 'written', index: job.index });
  }
});
send({ type: 'ready' });
