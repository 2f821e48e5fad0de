/** From a made case to what its reference says of it. */
import type { CaseInstance, Inputs, Values } from './cases.ts';

/** What the reference reads: every buffer's content before the run, floats in f64 and words as the numbers that they stand for. */
export function inputsOf({ buffers }: Pick<CaseInstance, 'buffers'>): Inputs {
  return Object.fromEntries(
    buffers.map(({ name, data, decoded }) => [name, decoded?.() ?? (data instanceof Uint32Array ? data : Float64Array.from(data))]),
  );
}

/**
 * The reference's outputs; those that must be exact as the words of f32. Errors: a plain Error for an output that is none of the buffers
 * which the kernel writes.
 */
export function expectedOf(instance: CaseInstance): ReadonlyMap<string, Values> {
  const outputs = Object.entries(instance.reference(inputsOf(instance)));
  return new Map(
    outputs.flatMap(([name, values]) => {
      if (!instance.buffers.some(b => b.name === name && b.kind === 'write'))
        throw new Error(`${instance.kernel.label}: the reference gives ${name}, which is no output of the kernel`);
      if (!values) return [];
      return [[name, instance.exact?.includes(name) ? new Uint32Array(Float32Array.from(values).buffer) : values] as const];
    }),
  );
}
