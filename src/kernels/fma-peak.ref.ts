/** Plain reference of shaders/fma-peak.wgsl with factor (1, b): 12 chains of start + steps · b, summed. */
export function fmaPeakRef(threads: number, steps: number, b: number): Float64Array<ArrayBuffer> {
  return Float64Array.from({ length: threads }, (_, id) => 4 * (3 * (id % 7) + 3 + 3 * steps * b));
}
