/**
 * Elementary functions in f64 for the kernel references: erf and erfc to a few units in the last place, and the four
 * activations as transformers defines them. No kernel is compared with anything less exact than this.
 */

const twoOverRootPi = 2 / Math.sqrt(Math.PI);

/**
 * Error function. Below 3: erf x = (2/√π) e^{−x²} Σ 2ⁿ x^{2n+1} / (1·3·5···(2n+1)), whose terms are all of one sign, so
 * nothing cancels (Abramowitz & Stegun 7.1.6). From there 1 − erfc x, where erfc is small.
 */
export function erf(x: number): number {
  const a = Math.abs(x);
  if (!(a < 3)) return Number.isNaN(x) ? Number.NaN : Math.sign(x) * (1 - erfc(a));
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > Math.abs(sum) * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return twoOverRootPi * Math.exp(-x * x) * sum;
}

/**
 * 1 − erf x without cancellation for large x. From 2 on the continued fraction
 * √π e^{x²} erfc x = 1/(x + ½/(x + 1/(x + 3⁄2/(x + …)))) (Abramowitz & Stegun 7.1.14), evaluated from its tail.
 */
export function erfc(x: number): number {
  if (!(x >= 2)) return 1 - erf(x);
  if (x > 27.5) return 0;
  let tail = x;
  for (let n = 120; n >= 1; n--) tail = x + n / 2 / tail;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * tail);
}

/** x·Φ(x) with the exact error function (`gelu`). Negative x goes through erfc, so that small results keep their digits. */
function gelu(x: number): number {
  return x === Number.NEGATIVE_INFINITY ? 0 : 0.5 * x * erfc(-x / Math.SQRT2);
}

/** ½x(1 + tanh(√(2/π)(x + 0.044715x³))) (`gelu_new`, `gelu_pytorch_tanh`), written ½x·2σ(2u) so that nothing cancels. */
function geluTanh(x: number): number {
  const u = Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x);
  return x === Number.NEGATIVE_INFINITY ? 0 : x * sigmoid(2 * u);
}

/** x·σ(x). */
function silu(x: number): number {
  return x === Number.NEGATIVE_INFINITY ? 0 : x * sigmoid(x);
}

function relu(x: number): number {
  return Math.max(0, x);
}

/** 1 / (1 + e^{−x}). */
function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** The activations by the names of `ModelConfig`. */
export const activationRef = { gelu, gelu_tanh: geluTanh, silu, relu } as const;

/** Derivative of the exact gelu: Φ(x) + x φ(x). */
function geluSlope(x: number): number {
  return 0.5 * erfc(-x / Math.SQRT2) + (x * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI);
}

function geluTanhSlope(x: number): number {
  const factor = 2 * Math.sqrt(2 / Math.PI);
  const s = sigmoid(factor * (x + 0.044715 * x ** 3));
  return s + x * s * (1 - s) * factor * (1 + 3 * 0.044715 * x * x);
}

function siluSlope(x: number): number {
  const s = sigmoid(x);
  return s + x * s * (1 - s);
}

/** 0 at 0, as PyTorch has it. */
function reluSlope(x: number): number {
  return x > 0 ? 1 : 0;
}

/** Derivatives of `activationRef`, for finite x of ordinary size (x² and x³ are finite). */
export const activationSlopeRef = { gelu: geluSlope, gelu_tanh: geluTanhSlope, silu: siluSlope, relu: reluSlope } as const;
