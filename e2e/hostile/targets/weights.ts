import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ModelFileError, ModelSourceError, TensorError } from '../../../src/errors.ts';
import { readConfig } from '../../../src/model/config.ts';
import { openWeights } from '../../../src/model/reader.ts';
import { sourceOf } from '../source.ts';
import { type Bytes, demand, type Target } from '../target.ts';

/** Rows of a matrix that are read: the first and the last. */
const probes = 2;

/** model.safetensors, or shards and their index. Mostly the header is mutated, as the rest is numbers. */
export function weightsTarget(model: string, share: number): Target {
  return {
    name: `weights ${model}`,
    share,
    async prepare(root) {
      const folder = join(root, 'oracle/fixtures/models', model);
      const names = (await readdir(folder)).filter(name => /^model.*\.safetensors(\.index\.json)?$/.test(name));
      const files = Object.fromEntries(
        await Promise.all(names.map(async name => [name, new Uint8Array(await readFile(join(folder, name)))] as const)),
      );
      const config = readConfig(await readFile(join(folder, 'config.json')));
      return {
        files,
        mutable: names.map(path => ({ path, share: path.endsWith('.json') ? 3 : 1, json: path.endsWith('.json'), same: true })),
        families: [ModelFileError, TensorError, ModelSourceError],
        async attempt(given) {
          const reader = await openWeights(sourceOf(given), config);
          demand(Number.isSafeInteger(reader.totalBytes) && reader.totalBytes > 0, `totalBytes is ${reader.totalBytes}`);
          const answer: unknown[] = [reader.stored, reader.hasHead, reader.totalBytes];
          for (const slot of reader.slots) {
            const { shape } = reader.describe(slot).parameter;
            if (!reader.isMatrix(slot)) {
              const values = await reader.vector(slot);
              demand(values.length === shape[0] && values.every(Number.isFinite), `${slot} is no vector of ${shape[0]} numbers`);
              answer.push(sumOf(values));
              continue;
            }
            const { N, K, storedK, rows } = reader.matrix(slot);
            demand(N === shape[0] && K === shape[1] && storedK >= K, `${slot} has other sizes`);
            for (let i = 0; i < probes; i++) {
              const block = await rows(i === 0 ? 0 : N - 1, 1);
              const values = block.kind === 'float' ? block.values : block.q;
              demand(
                values.length === (block.kind === 'float' ? K : block.kind === 'q8' ? storedK : storedK / 2),
                `a row of ${slot} has ${values.length} places`,
              );
              demand(block.kind !== 'float' || block.values.every(Number.isFinite), `${slot} holds what is no number`);
              answer.push(sumOf(values));
            }
          }
          return answer;
        },
      };
    },
  };
}

function sumOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] as number) * ((i % 7) + 1);
  return sum;
}

/** The header of a safetensors file as JSON, so that mutations hit the header. */
export function headerOf(file: Bytes): Bytes | null {
  if (file.length < 8) return null;
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  return length <= file.length - 8 ? file.slice(8, 8 + length) : null;
}

export function withHeader(file: Bytes, header: Bytes): Bytes {
  const old = headerOf(file)?.length ?? 0;
  const out = new Uint8Array(8 + header.length + file.length - 8 - old);
  new DataView(out.buffer).setBigUint64(0, BigInt(header.length), true);
  out.set(header, 8);
  out.set(file.subarray(8 + old), 8 + header.length);
  return out;
}
