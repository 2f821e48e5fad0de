/** Mutations that do not depend on the file's format: flipped bits, cuts, pieces of other files. */
import type { Random } from './random.ts';

type Bytes = Uint8Array<ArrayBuffer>;
export interface Mutation {
  /** Description of the mutation. */
  what: string;
  bytes: Bytes;
  /** The file still means the same. */
  same: boolean;
}

const joined = (...parts: Uint8Array[]): Bytes => new Uint8Array(Buffer.concat(parts));

/** `from`: another file to take pieces of. */
export function mutateBytes(bytes: Bytes, random: Random, from: Bytes): Mutation {
  const { length } = bytes;
  const at = random.below(length + 1);
  // The first bytes decide most: half of all places are among them.
  const place = random.chance(0.5) ? Math.min(at, random.below(Math.min(length, 512) + 1)) : at;
  const count = 1 + random.below(Math.min(length, random.pick([1, 8, 64, 4096])) || 1);
  const end = Math.min(length, place + count);
  const made = (what: string, out: Bytes): Mutation => ({ what: `${what} at ${place}`, bytes: out, same: false });
  switch (random.below(9)) {
    case 0: {
      const out = bytes.slice();
      const flips = 1 + random.below(8);
      for (let i = 0; i < flips && length > 0; i++) {
        const which = i === 0 ? Math.min(place, length - 1) : random.below(length);
        out[which] = (out[which] as number) ^ (1 << random.below(8));
      }
      return made(`${flips} bit flips`, out);
    }
    case 1:
      return made('truncated', bytes.slice(0, place));
    case 2:
      return made(`${end - place} bytes removed`, joined(bytes.subarray(0, place), bytes.subarray(end)));
    case 3:
      return made(`${end - place} bytes doubled`, joined(bytes.subarray(0, end), bytes.subarray(place)));
    case 4: {
      const noise = Uint8Array.from({ length: count }, () => random.below(256));
      return made(`${count} random bytes put in`, joined(bytes.subarray(0, place), noise, bytes.subarray(place)));
    }
    case 5: {
      const start = random.below(from.length + 1);
      const piece = from.subarray(start, start + count);
      return made(`${piece.length} bytes of another file put in`, joined(bytes.subarray(0, place), piece, bytes.subarray(place)));
    }
    case 6: {
      const out = bytes.slice();
      out.fill(random.pick([0, 0xff, 0x20, 0x22, 0x80]), place, end);
      return made(`${end - place} bytes overwritten`, out);
    }
    case 7:
      return made('beginning removed', bytes.slice(place));
    default:
      return made('appended to itself', joined(bytes, bytes.subarray(place)));
  }
}
