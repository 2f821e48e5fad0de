/**
 * Random numbers without a state: each is a hash of a seed and of what it is for (epoch, batch, position …). So whoever knows the counters
 * goes on where another stopped, and the numbers do not depend on the order in which they are asked for.
 */

/** 32 well mixed bits of a list of whole numbers from 0 to 2^53 (murmur3's finaliser over their halves). */
export function bits(...parts: readonly number[]): number {
  let x = 0x9e3779b9;
  for (const part of parts) {
    x = mixed(Math.imul(x, 5) ^ part);
    x = mixed(Math.imul(x, 5) ^ Math.floor(part / 2 ** 32));
  }
  return x;
}

/** A whole number of [0, `below`), for `below` up to 2^32. */
export function integer(below: number, ...parts: readonly number[]): number {
  return Math.floor((bits(...parts) / 2 ** 32) * below);
}

function mixed(value: number): number {
  let x = value + 0x9e3779b9;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}
