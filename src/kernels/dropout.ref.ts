/** Plain reference of shaders/dropout.wgsl, in f64. */

function mixed(value: number): number {
  let h = (value + 0x9e3779b9) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Whether element i is dropped with probability `rate`. */
export function isDropped(i: number, rate: number, seed: number, stream: number): boolean {
  const word = mixed((Math.imul(mixed(seed), 5) ^ stream) >>> 0);
  return mixed((Math.imul(word, 5) ^ i) >>> 0) < Math.round(rate * 2 ** 32);
}

/** x · mask / (1 − rate), added to `before` where it is given. */
export function dropoutRef(x: ArrayLike<number>, rate: number, seed: number, stream: number, before?: ArrayLike<number>): Float64Array {
  return Float64Array.from(
    { length: x.length },
    (_, i) => (isDropped(i, rate, seed, stream) ? 0 : x[i]! / (1 - rate)) + (before?.[i] ?? 0),
  );
}
