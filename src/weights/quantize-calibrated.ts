/**
 * q4 with error feedback. What matters of a matrix are not its weights but its products with its inputs. So the error of a row is
 * (w − q)ᵀ H (w − q) with H = Σ x xᵀ / tokens, the second moments of the inputs, measured on a calibration text. Three steps, each row
 * by itself:
 *
 * 1. Scales: the search of `quantize`, each column weighted by H's diagonal.
 * 2. Feedback (OBQ/GPTQ, Frantar et al. 2022), columns in the order of falling H_kk: with H = U D Uᵀ, U unit upper triangular, the error
 *    is Σⱼ Dⱼ (eⱼ + Σ_{i<j} U_ij eᵢ)², e = w − q, so column j rounds not wⱼ but wⱼ + Σ_{i<j} U_ij eᵢ. No inverse of H is needed.
 * 3. Descent: group by group the scale, then each code, takes the value that is best for the error with all others held.
 *
 * The codes depend on the row and H alone, in plain f64 arithmetic: the same moments give the same bytes.
 */

import { fromF16Bits } from './dtype.ts';
import { groupSize, padded } from './formats.ts';
import { bestWeighedScale, nearestCode, scaleBits } from './quantize-codes.ts';

/** A local name: calls through an import take five times as long where modules are not bundled (in tests). */
const nearest = nearestCode;

/** Σ x xᵀ / tokens over the inputs x of a matrix, f32 [K, K], symmetric, finite. */
export interface InputMoments {
  K: number;
  moments: Float32Array<ArrayBuffer>;
}

/** Added to H's diagonal, as a share of its mean. Without it, weights of inputs that are zero in the whole text could take any value. */
const damping = 0.01;
/** Rows that go through the steps side by side: each number of H is read once for all of them. */
const tile = 4;

/** A matrix's moments, made ready for its rows. */
export class CalibratedColumns {
  readonly K: number;
  /** H, damped. */
  readonly #h: Float32Array;
  /** Columns by falling H_kk. */
  readonly #order: Int32Array;
  /** U by columns: U_ij, i < j, at j (j + 1) / 2 + i, in that order of columns. */
  readonly #feedback: Float32Array;
  readonly #sweeps: number;
  readonly #tile: Tile;

  /** Keeps `moments` and changes its diagonal. K³ / 6 multiply-adds; K (K + 1) / 2 floats beside the moments. `sweeps` of step 3; 0 leaves it out. */
  constructor({ K, moments }: InputMoments, sweeps = 1) {
    if (moments.length !== K * K) throw new RangeError(`${moments.length} moments for ${K} inputs`);
    this.K = K;
    let mean = 0;
    for (let k = 0; k < K; k++) mean += (moments[k * K + k] as number) / K;
    for (let k = 0; k < K; k++) moments[k * K + k] = (moments[k * K + k] as number) + (mean > 0 ? damping * mean : 1);
    this.#h = moments;
    this.#order = Int32Array.from({ length: K }, (_, k) => k).sort(
      (a, b) => (moments[b * K + b] as number) - (moments[a * K + a] as number) || a - b,
    );
    this.#feedback = feedbackFactor(moments, K, this.#order);
    this.#sweeps = sweeps;
    this.#tile = makeTile(K);
  }

  /** f32 [rows, K] → codes and scales as `quantize` lays them out. Values must be finite. */
  quantize(values: Float32Array, rows: number): { q: Uint8Array<ArrayBuffer>; scale: Uint16Array<ArrayBuffer> } {
    const { K } = this;
    const width = padded(K);
    const q = new Uint8Array((rows * width) / 2).fill(0x88);
    const scale = new Uint16Array((rows * width) / groupSize);
    const t = this.#tile;
    for (let first = 0; first < rows; first += tile) {
      const count = Math.min(tile, rows - first);
      for (let k = 0; k < K; k++)
        for (let r = 0; r < tile; r++) t.w[k * tile + r] = r < count ? (values[(first + r) * K + k] as number) : 0;
      chooseScales(t, this.#h, K);
      feedBack(t, this.#feedback, this.#order, K);
      for (let sweep = 0; sweep < this.#sweeps; sweep++) {
        if (sweep === 0) for (let group = 0; group * groupSize < K; group++) startDescent(t, this.#h, K, group);
        for (let group = 0; group * groupSize < K; group++) descend(t, this.#h, K, group);
      }
      for (let r = 0; r < count; r++) {
        const row = first + r;
        for (let k = 0; k < K; k++) {
          const at = (row * width + k) >> 1;
          const nibble = (t.code[k * tile + r] as number) + 8;
          q[at] = k & 1 ? ((q[at] as number) & 0x0f) | (nibble << 4) : ((q[at] as number) & 0xf0) | nibble;
        }
        for (let group = 0; group * groupSize < K; group++) scale[(row * width) / groupSize + group] = t.bits[group * tile + r] as number;
      }
    }
    return { q, scale };
  }
}

/** The state of `tile` rows; number r of column k at k · tile + r. */
interface Tile {
  w: Float64Array;
  code: Float64Array;
  /** w − q. */
  error: Float64Array;
  /** The same in the order of the feedback. */
  ordered: Float64Array;
  /** H · error. */
  slope: Float64Array;
  /** By group. */
  step: Float64Array;
  bits: Uint16Array;
  /** Change of the errors of one group. */
  change: Float64Array;
}

function makeTile(K: number): Tile {
  const floats = (count: number) => new Float64Array(count * tile);
  const groups = Math.ceil(K / groupSize);
  return {
    w: floats(K),
    code: floats(K),
    error: floats(K),
    ordered: floats(K),
    slope: floats(K),
    step: floats(groups),
    bits: new Uint16Array(groups * tile),
    change: floats(groupSize),
  };
}

/** Factors H = U D Uᵀ by elimination from the last column; returns U by columns. */
function feedbackFactor(h: Float32Array, K: number, order: Int32Array): Float32Array {
  const u = new Float32Array((K * (K + 1)) / 2);
  const least = new Float64Array(K);
  for (let j = 0, at = 0; j < K; j++) {
    const row = (order[j] as number) * K;
    for (let i = 0; i <= j; i++, at++) u[at] = h[row + (order[i] as number)] as number;
    least[j] = 1e-6 * (u[at - 1] as number);
  }
  for (let j = K - 1; j > 0; j--) {
    const row = (j * (j + 1)) / 2;
    const inverse = 1 / Math.max(u[row + j] as number, least[j] as number);
    // Rows below column j lose its part: H_ri − H_rj H_ij / D_j. Row r takes what is still H_rj, then leaves U_rj there.
    for (let r = j - 1; r >= 0; r--) {
      const hrj = u[row + r] as number;
      const factor = hrj * inverse;
      const to = (r * (r + 1)) / 2;
      for (let i = 0; i <= r; i++) u[to + i] = (u[to + i] as number) - factor * (u[row + i] as number);
      u[row + r] = factor;
    }
  }
  return u;
}

/** A scale for each group and row: the search of `quantize` with each column's error weighed by H's diagonal. */
function chooseScales({ w, step, bits }: Tile, h: Float32Array, K: number): void {
  const x = new Float64Array(groupSize);
  const importance = new Float64Array(groupSize);
  for (let group = 0; group * groupSize < K; group++) {
    const from = group * groupSize;
    const count = Math.min(groupSize, K - from);
    importance.fill(0);
    for (let i = 0; i < count; i++) importance[i] = h[(from + i) * (K + 1)] as number;
    for (let r = 0; r < tile; r++) {
      let extreme = 0;
      for (let i = 0; i < groupSize; i++) {
        const value = i < count ? (w[(from + i) * tile + r] as number) : 0;
        x[i] = value;
        if (Math.abs(value) > Math.abs(extreme)) extreme = value;
      }
      const stored = extreme === 0 ? 0 : scaleBits(bestWeighedScale(x, importance, extreme));
      bits[group * tile + r] = stored;
      step[group * tile + r] = fromF16Bits(stored);
    }
  }
}

/** Rounds column after column, each with the errors so far fed back. Written out for four rows: a loop over rows costs three times as much. */
function feedBack({ w, code, error, ordered, step }: Tile, u: Float32Array, order: Int32Array, K: number): void {
  for (let j = 0; j < K; j++) {
    const from = (j * (j + 1)) / 2;
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let i = 0, e = 0; i < j; i++, e += 4) {
      const factor = u[from + i] as number;
      s0 += factor * (ordered[e] as number);
      s1 += factor * (ordered[e + 1] as number);
      s2 += factor * (ordered[e + 2] as number);
      s3 += factor * (ordered[e + 3] as number);
    }
    const k = order[j] as number;
    for (let r = 0; r < tile; r++) {
      const fed = r === 0 ? s0 : r === 1 ? s1 : r === 2 ? s2 : s3;
      const at = k * tile + r;
      const s = step[Math.floor(k / groupSize) * tile + r] as number;
      const c = s === 0 ? 0 : nearest((w[at] as number) + fed, 1 / s, -8, 7);
      code[at] = c;
      error[at] = (w[at] as number) - c * s;
      ordered[j * tile + r] = error[at] as number;
    }
  }
}

/** slope += H · (the group's errors); group 0 sets it. */
function startDescent({ error, slope, change }: Tile, h: Float32Array, K: number, group: number): void {
  if (group === 0) slope.fill(0);
  const from = group * groupSize;
  const count = Math.min(groupSize, K - from);
  for (let i = 0; i < count * tile; i++) change[i] = error[from * tile + i] as number;
  addSlope(slope, change, h, K, from, count);
}

/** Two columns at a time: each change is read once for both, which is what this costs. */
function addSlope(slope: Float64Array, change: Float64Array, h: Float32Array, K: number, from: number, count: number): void {
  for (let k = 0; k < K; k += 2) {
    const row = k * K + from;
    // An odd K computes its last column twice over and keeps one.
    const next = k + 1 < K ? row + K : row;
    let [a0, a1, a2, a3, b0, b1, b2, b3] = [0, 0, 0, 0, 0, 0, 0, 0];
    for (let i = 0, c = 0; i < count; i++, c += 4) {
      const a = h[row + i] as number;
      const b = h[next + i] as number;
      const c0 = change[c] as number;
      const c1 = change[c + 1] as number;
      const c2 = change[c + 2] as number;
      const c3 = change[c + 3] as number;
      a0 += a * c0;
      a1 += a * c1;
      a2 += a * c2;
      a3 += a * c3;
      b0 += b * c0;
      b1 += b * c1;
      b2 += b * c2;
      b3 += b * c3;
    }
    const at = k * tile;
    slope[at] = (slope[at] as number) + a0;
    slope[at + 1] = (slope[at + 1] as number) + a1;
    slope[at + 2] = (slope[at + 2] as number) + a2;
    slope[at + 3] = (slope[at + 3] as number) + a3;
    if (k + 1 === K) return;
    slope[at + 4] = (slope[at + 4] as number) + b0;
    slope[at + 5] = (slope[at + 5] as number) + b1;
    slope[at + 6] = (slope[at + 6] as number) + b2;
    slope[at + 7] = (slope[at + 7] as number) + b3;
  }
}

/** The scale, then each code of a group at its best with all others held; then `slope` for all columns. */
function descend(t: Tile, h: Float32Array, K: number, group: number): void {
  const { code, error, slope, step, bits, change } = t;
  const from = group * groupSize;
  const count = Math.min(groupSize, K - from);
  const local = new Float64Array(groupSize);
  for (let r = 0; r < tile; r++) {
    const place = group * tile + r;
    let s = step[place] as number;
    for (let i = 0; i < count; i++) {
      local[i] = slope[(from + i) * tile + r] as number;
      change[i * tile + r] = 0;
    }
    if (s === 0) continue;
    /** Changes error i by `by`, and the slope of the group with it. */
    const move = (i: number, by: number) => {
      change[i * tile + r] = (change[i * tile + r] as number) + by;
      const row = (from + i) * K + from;
      for (let m = 0; m < count; m++) local[m] = (local[m] as number) + by * (h[row + m] as number);
    };
    let along = 0;
    let curve = 0;
    for (let i = 0; i < count; i++) {
      const ci = code[(from + i) * tile + r] as number;
      if (ci === 0) continue;
      along += ci * (local[i] as number);
      const row = (from + i) * K + from;
      let sum = 0;
      for (let m = 0; m < count; m++) sum += (h[row + m] as number) * (code[(from + m) * tile + r] as number);
      curve += ci * sum;
    }
    const stored = curve > 0 ? scaleBits(s + along / curve) : (bits[place] as number);
    const fitted = fromF16Bits(stored);
    // A scale that changes its sign or becomes zero is rejected.
    if (fitted * s > 0 && fitted !== s) {
      for (let i = 0; i < count; i++) {
        const ci = code[(from + i) * tile + r] as number;
        if (ci !== 0) move(i, -ci * (fitted - s));
      }
      s = fitted;
      step[place] = s;
      bits[place] = stored;
    }
    const inverse = 1 / s;
    for (let i = 0; i < count; i++) {
      const at = (from + i) * tile + r;
      const old = code[at] as number;
      const wanted = nearest(old * s + (local[i] as number) / (h[(from + i) * K + from + i] as number), inverse, -8, 7);
      if (wanted === old) continue;
      code[at] = wanted;
      move(i, (old - wanted) * s);
    }
  }
  for (let i = 0; i < count * tile; i++) error[from * tile + i] = (error[from * tile + i] as number) + (change[i] as number);
  addSlope(slope, change, h, K, from, count);
}
