/** What a training leaves in its folder: checkpoints `step-N`, the model, the log and the curves. */
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../errors.ts';
import { DraftFolder } from '../node/file-sink.ts';
import type { CheckpointFile } from '../training/saved-model.ts';

const checkpointName = /^step-(\d+)$/;

export class TrainFolder {
  readonly #log: string;

  constructor(readonly path: string) {
    this.#log = join(path, 'log.jsonl');
  }

  /** Errors: InputError for a folder that holds something, unless the run goes on in it. */
  prepare(resume: boolean): void {
    const entries = existsSync(this.path) ? readdirSync(this.path) : [];
    if (!resume && entries.length > 0)
      throw new InputError(`${this.path} is not empty. Give another folder, or --resume to go on with the training in it.`, {
        path: this.path,
      });
    mkdirSync(this.path, { recursive: true });
  }

  /** The checkpoints' steps, rising. A checkpoint appears under its name only when it is whole. */
  steps(): number[] {
    return readdirSync(this.path)
      .flatMap(name => checkpointName.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
  }

  checkpoint(step: number): string {
    return join(this.path, `step-${step}`);
  }

  /** Writes a checkpoint, or the model; then removes older checkpoints but `keep`. */
  async write(name: string, files: readonly CheckpointFile[]): Promise<void> {
    const draft = await DraftFolder.create(join(this.path, name), { force: name === 'model' });
    try {
      for (const { path, sizeBytes, writeTo } of files) {
        const file = await draft.create(path, sizeBytes);
        await writeTo((at, bytes) => file.write(at, bytes));
        await file.close();
      }
      await draft.finish();
    } catch (error) {
      await draft.discard();
      throw error;
    }
  }

  keepLast(keep: number): void {
    for (const step of this.steps().slice(0, -keep)) rmSync(this.checkpoint(step), { recursive: true, force: true });
  }

  /** Lines after that step belong to a part of the run that is made again. */
  cutLog(step: number): void {
    if (!existsSync(this.#log)) return;
    const kept = this.log().filter(line => (line.step as number) <= step);
    writeFileSync(`${this.#log}.part`, kept.map(line => `${JSON.stringify(line)}\n`).join(''));
    renameSync(`${this.#log}.part`, this.#log);
  }

  addToLog(line: Readonly<Record<string, unknown>>): void {
    appendFileSync(this.#log, `${JSON.stringify(line)}\n`);
  }

  /** A last line that a killed process has left half is not counted. */
  log(): Record<string, unknown>[] {
    if (!existsSync(this.#log)) return [];
    return readFileSync(this.#log, 'utf8')
      .split('\n')
      .flatMap(line => {
        try {
          return line === '' ? [] : [JSON.parse(line) as Record<string, unknown>];
        } catch {
          return [];
        }
      });
  }

  writeCurves(svg: string): void {
    writeFileSync(join(this.path, 'curves.svg'), svg);
  }
}
