/** Plain reference of shaders/adamw.wgsl, in f64. */

export interface AdamwNumbers {
  beta1: number;
  beta2: number;
  eps: number;
  step: number;
  root: number;
  keep: number;
  clip: number;
  unscale: number;
}

interface State {
  p: ArrayLike<number>;
  g: ArrayLike<number>;
  m: ArrayLike<number>;
  v: ArrayLike<number>;
}

/** Parameters and moments after a step; `squares` is ‖g‖² over all parameters of the model. Without a finite one nothing changes. */
export function adamwRef(
  { p, g, m, v }: State,
  squares: number,
  { beta1, beta2, eps, step, root, keep, clip, unscale }: AdamwNumbers,
): Record<'p' | 'g' | 'm' | 'v', Float64Array> {
  const after = { p: Float64Array.from(p), g: new Float64Array(g.length), m: Float64Array.from(m), v: Float64Array.from(v) };
  if (!Number.isFinite(squares)) return after;
  const factor = unscale * Math.min(1, clip / (Math.sqrt(squares) * unscale + 1e-6));
  for (let i = 0; i < g.length; i++) {
    const clipped = g[i]! * factor;
    after.m[i] = beta1 * m[i]! + (1 - beta1) * clipped;
    after.v[i] = beta2 * v[i]! + (1 - beta2) * clipped ** 2;
    after.p[i] = keep * p[i]! - (step * after.m[i]!) / (Math.sqrt(after.v[i]!) / root + eps);
  }
  return after;
}
