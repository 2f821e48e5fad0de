/** The finite differences of the kernels' references against derivatives known in closed form, on the cases themselves and element by element. */
import { describe, expect, test } from 'vitest';
import type { DeviceProfile } from '../../gpu/device.ts';
import { allCases } from '../all.cases.ts';
import { attentionRef } from '../attention.ref.ts';
import { denseActivationRef } from '../dense.ref.ts';
import { layernormRef } from '../layernorm.ref.ts';
import { erf } from '../math.ref.ts';
import { softmaxStatsRef } from '../softmax-stats.ref.ts';
import type { CaseInstance, Inputs } from './cases.ts';
import { inputsOf } from './expected.ts';
import { gradient, gradientError, slope } from './gradient.ts';
import { randomNormal, seededRandom } from './random.ts';
import { caseContext } from './run-case.ts';

const bound = 1e-7;

const next = seededRandom('gradients');
const normals = (length: number, scale = 1) => Float64Array.from({ length }, () => randomNormal(next) * scale);

/** Largest |a − b| as a part of the largest |b|. */
function worst(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a).toHaveLength(b.length);
  const largest = Math.max(...Array.from(b, Math.abs));
  return Math.max(...Array.from(b, (value, i) => Math.abs(a[i]! - value))) / largest;
}

/** A case by its kernel and its name, and what its reference reads. */
function made(kernel: string, name: string): { instance: CaseInstance; inputs: Inputs } {
  const set = allCases.find(s => s.kernel === kernel)!;
  const kernelCase = set.cases.find(c => c.name === name);
  if (!kernelCase) throw new Error(`${kernel} has no case ${name}`);
  const variant = (kernelCase.variants ?? set.variants.map(v => v.name))[0]!;
  const profile = { software: true, f16: true, subgroups: true } as DeviceProfile;
  const instance = kernelCase.make(caseContext({ profile }, kernelCase, variant, 'f32'));
  return { instance, inputs: inputsOf(instance) };
}

/** Gradients of the case's last buffer in closed form, given inputs and c, against its reference along random directions. */
function agrees(kernel: string, name: string, formula: (inputs: Inputs, c: Float64Array) => Record<string, Float64Array>): void {
  const { instance, inputs } = made(kernel, name);
  const output = instance.buffers.at(-1)!.name;
  const c = normals(instance.reference(inputs)[output]!.length);
  const claims = Object.entries(formula(inputs, c));
  expect(claims.length).toBeGreaterThan(0);
  for (const [of, claimed] of claims) {
    expect(gradientError(claimed, instance.reference, inputs, of, { [output]: c }), of).toBeLessThan(bound);
    // An element that is wrong is found: the method is not blind to a part of the input.
    const at = claimed.reduce((most, value, i) => (Math.abs(value) > Math.abs(claimed[most]!) ? i : most), 0);
    const wrong = claimed.map((value, i) => (i === at ? value * 1.001 : value));
    expect(gradientError(wrong, instance.reference, inputs, of, { [output]: c }), of).toBeGreaterThan(bound);
  }
}

function layernormGradient(x: ArrayLike<number>, H: number, eps: number, weight: ArrayLike<number>, c: Float64Array) {
  const [dx, dWeight, dBias] = [new Float64Array(x.length), new Float64Array(H), new Float64Array(H)];
  const unit = layernormRef(x, H, eps, new Float64Array(H).fill(1));
  for (let base = 0; base < x.length; base += H) {
    const row = Array.from({ length: H }, (_, i) => x[base + i]!);
    const mean = row.reduce((sum, v) => sum + v, 0) / H;
    const scale = 1 / Math.sqrt(row.reduce((sum, v) => sum + (v - mean) ** 2, 0) / H + eps);
    const g = row.map((_, i) => c[base + i]! * weight[i]!);
    const meanG = g.reduce((sum, v) => sum + v, 0) / H;
    const meanGx = g.reduce((sum, v, i) => sum + v * unit[base + i]!, 0) / H;
    for (let i = 0; i < H; i++) {
      dx[base + i] = scale * (g[i]! - meanG - unit[base + i]! * meanGx);
      dWeight[i]! += c[base + i]! * unit[base + i]!;
      dBias[i]! += c[base + i]!;
    }
  }
  return { x: dx, weight: dWeight, bias: dBias };
}

/** s = a Wᵀ + bias, ds → gradients of a, W and bias. */
function linearGradient(M: number, K: number, N: number, { a, w }: Inputs, ds: Float64Array) {
  const [da, dw, dBias] = [new Float64Array(M * K), new Float64Array(N * K), new Float64Array(N)];
  for (let m = 0; m < M; m++)
    for (let n = 0; n < N; n++) {
      const d = ds[m * N + n]!;
      dBias[n]! += d;
      for (let k = 0; k < K; k++) {
        da[m * K + k]! += d * w![n * K + k]!;
        dw[n * K + k]! += d * a![m * K + k]!;
      }
    }
  return { a: da, w: dw, bias: dBias };
}

function sums(M: number, K: number, N: number, { a, w, bias }: Inputs, hasBias: boolean): Float64Array {
  return Float64Array.from({ length: M * N }, (_, i) => {
    const [m, n] = [Math.floor(i / N), i % N];
    let sum = hasBias ? bias![n]! : 0;
    for (let k = 0; k < K; k++) sum += a![m * K + k]! * w![n * K + k]!;
    return sum;
  });
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const sigmoidSlope = (x: number) => sigmoid(x) * (1 - sigmoid(x));
const cdf = (x: number) => (1 + erf(x / Math.SQRT2)) / 2;
const root = Math.sqrt(2 / Math.PI);

const slopes: Record<keyof typeof denseActivationRef, (x: number) => number> = {
  identity: () => 1,
  tanh: x => 1 - Math.tanh(x) ** 2,
  sigmoid: sigmoidSlope,
  relu: x => (x > 0 ? 1 : 0),
  leaky_relu: x => (x > 0 ? 1 : 0.01),
  silu: x => sigmoid(x) + x * sigmoidSlope(x),
  gelu: x => cdf(x) + (x * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI),
  gelu_tanh: x => {
    const t = Math.tanh(root * (x + 0.044715 * x ** 3));
    return (1 + t) / 2 + (x / 2) * (1 - t * t) * root * (1 + 3 * 0.044715 * x * x);
  },
};

describe('element by element', () => {
  test.each(Object.keys(slopes) as (keyof typeof slopes)[])('%s', name => {
    const x = Float64Array.of(-9, -3.1, -1, -0.4, -0.01, 0.01, 0.3, 1, 2.2, 4, 9);
    const c = normals(x.length);
    const found = gradient(inputs => ({ y: Float64Array.from(inputs.x!, denseActivationRef[name]) }), { x }, 'x', { y: c });
    expect(
      worst(
        found,
        x.map((v, i) => c[i]! * slopes[name](v)),
      ),
    ).toBeLessThan(bound);
  });

  test('layernorm', () => {
    const [H, eps] = [12, 1e-3];
    const inputs = { x: normals(3 * H, 2), weight: normals(H), bias: normals(H) };
    const c = normals(3 * H);
    const right = layernormGradient(inputs.x, H, eps, inputs.weight, c);
    for (const of of ['x', 'weight', 'bias'] as const) {
      const reference = ({ x, weight, bias }: Inputs) => ({ y: layernormRef(x!, H, eps, weight!, bias) });
      expect(worst(gradient(reference, inputs, of, { y: c }), right[of]), of).toBeLessThan(bound);
    }
  });

  test('log-sum-exp and entropy of a softmax', () => {
    const logits = normals(2 * 9, 2);
    const reference = (inputs: Inputs) => ({ stats: softmaxStatsRef(inputs.logits!, 9) });
    const stats = softmaxStatsRef(logits, 9);
    const p = logits.map((v, i) => Math.exp(v - stats[4 * Math.floor(i / 9)]!));
    const pick = (at: number) => ({ stats: Float64Array.of(0, 0, 0, 0, 0, 0, 0, 0).map((_, i) => Number(i % 4 === at)) });
    expect(worst(gradient(reference, { logits }, 'logits', pick(0)), p)).toBeLessThan(bound);
    const dEntropy = p.map((v, i) => -v * (Math.log(v) + stats[4 * Math.floor(i / 9) + 2]!));
    expect(worst(gradient(reference, { logits }, 'logits', pick(2)), dEntropy)).toBeLessThan(bound);
  });

  test.each([null, 1])('attention, window %s', window => {
    const shape = { heads: 2, headDim: 4, window, cuSeqlens: [0, 3, 8] };
    const qkv = normals(3 * 2 * 8 * 4);
    const c = normals(8 * 8);
    const found = gradient(inputs => ({ out: attentionRef(inputs.qkv!, shape) }), { qkv }, 'qkv', { out: c });
    expect(worst(found, attentionGradient(qkv, shape, c))).toBeLessThan(bound);
  });

  test('names and lengths that do not fit are refused', () => {
    const x = normals(3);
    const double = (inputs: Inputs) => ({ y: Float64Array.from(inputs.x!, v => 2 * v), ids: Uint32Array.of(1) });
    expect(() => gradient(double, { x }, 'z', { y: x })).toThrow(/z is no float input/);
    expect(() => gradient(double, { x }, 'x', { z: x })).toThrow(/z is no float output/);
    expect(() => gradient(double, { x }, 'x', { ids: [1] })).toThrow(/ids is no float output/);
    expect(() => gradient(double, { x }, 'x', { y: [1] })).toThrow(/1 numbers for the 3/);
    expect(() => slope(double, { x }, 'x', { y: x }, [1])).toThrow(/1 numbers of direction/);
    expect(gradientError([1, Number.NaN, 1], double, { x }, 'x', { y: x })).toBe(Number.POSITIVE_INFINITY);
  });
});

function attentionGradient(
  qkv: Float64Array,
  { heads, headDim, window, cuSeqlens }: { heads: number; headDim: number; window: number | null; cuSeqlens: number[] },
  c: Float64Array,
): Float64Array {
  const tokens = cuSeqlens.at(-1)!;
  const d = new Float64Array(qkv.length);
  const each = Array.from({ length: headDim }, (_, i) => i);
  for (let head = 0; head < heads; head++) {
    const at = (part: number, token: number, i: number) => ((part * heads + head) * tokens + token) * headDim + i;
    const dOut = (token: number, i: number) => c[(token * heads + head) * headDim + i]!;
    const sum = (f: (i: number) => number) => each.reduce((total, i) => total + f(i), 0);
    for (let query = 0; query < tokens; query++) {
      const s = cuSeqlens.findIndex(end => end > query) - 1;
      const keys: number[] = [];
      for (let j = cuSeqlens[s]!; j < cuSeqlens[s + 1]!; j++) if (window === null || Math.abs(query - j) <= window) keys.push(j);
      const e = keys.map(j => Math.exp(sum(i => qkv[at(0, query, i)]! * qkv[at(1, j, i)]!) / Math.sqrt(headDim)));
      const total = e.reduce((a, b) => a + b, 0);
      const dP = keys.map(j => sum(i => dOut(query, i) * qkv[at(2, j, i)]!));
      const mean = dP.reduce((all, v, n) => all + (v * e[n]!) / total, 0);
      keys.forEach((j, n) => {
        const p = e[n]! / total;
        const dScore = (p * (dP[n]! - mean)) / Math.sqrt(headDim);
        for (const i of each) {
          d[at(0, query, i)]! += dScore * qkv[at(1, j, i)]!;
          d[at(1, j, i)]! += dScore * qkv[at(0, query, i)]!;
          d[at(2, j, i)]! += p * dOut(query, i);
        }
      });
    }
  }
  return d;
}

describe('on the cases', () => {
  test('layernorm', () => {
    agrees('layernorm', '17×96 bias eps 0.001', (inputs, c) => layernormGradient(inputs.x!, 96, 1e-3, inputs.weight!, c));
  });

  test('matmul with bias and one activation', () => {
    const [M, K, N] = [2, 768, 66];
    agrees('matmul-lanes', '2×768→66 q4 store out elem activation gelu firstColumn 0 rowStride 66 bias of rows', (inputs, c) => {
      const s = sums(M, K, N, inputs, true);
      return linearGradient(
        M,
        K,
        N,
        inputs,
        c.map((d, i) => d * slopes.gelu(s[i]!)),
      );
    });
  });

  test('matmul added to the residual stream', () => {
    agrees('matmul-lanes-f32', '9×96→192 f32 residual bias of rows', (inputs, c) => ({ ...linearGradient(9, 96, 192, inputs, c), y: c }));
  });

  test('matmul with RoPE, also of weights in a format', () => {
    const [M, K, headDim] = [5, 160, 32];
    agrees('matmul-lanes', '5×160→192 q8 rope heads 2 headDim 32 bias', (inputs, c) => {
      const ds = new Float64Array(M * 192);
      for (let m = 0; m < M; m++)
        for (let n = 0; n < 192; n += 2) {
          const at = (Math.floor(n / headDim) * M + m) * headDim + (n % headDim);
          const turn = inputs.positions![m]! * headDim + (n % headDim);
          const [cos, sin] = n < 128 ? [inputs.table![turn]!, inputs.table![turn + 1]!] : [1, 0];
          ds[m * 192 + n] = c[at]! * cos + c[at + 1]! * sin;
          ds[m * 192 + n + 1] = c[at + 1]! * cos - c[at]! * sin;
        }
      return linearGradient(M, K, 192, inputs, ds);
    });
  });

  test.each([
    ['gelu', 67, 160, 130, 'q4', ''],
    ['silu', 33, 160, 130, 'q8', ''],
    ['relu', 8, 96, 66, 'f32', ' bias'],
  ] as const)('GeGLU with %s', (activation, M, K, N, format, bias) => {
    agrees(
      format === 'f32' ? 'matmul-lanes-f32' : 'matmul-lanes',
      `${M}×${K}→${N} ${format} geglu activation ${activation}${bias}`,
      (inputs, c) => {
        const s = sums(M, K, N, inputs, bias !== '');
        const { a, w } = linearGradient(
          M,
          K,
          N,
          inputs,
          s.map((v, i) => {
            const d = c[i >> 1]!;
            return i % 2 ? d * denseActivationRef[activation](s[i - 1]!) : d * slopes[activation](v) * s[i + 1]!;
          }),
        );
        return { a, w };
      },
    );
  });

  test('attention over mixed lengths', () => {
    agrees('attention-tile', '3×64 ±3 marked 2+3+4+5', ({ qkv }, c) => ({
      qkv: attentionGradient(qkv as Float64Array, { heads: 3, headDim: 64, window: 3, cuSeqlens: [0, 2, 5, 9, 14] }, c),
    }));
  });

  test('rows to length 1', () => {
    agrees('normalize', '1×4', ({ x }, c) => {
      const norm = Math.hypot(...Array.from(x!));
      const along = c.reduce((sum, v, i) => sum + v * x![i]!, 0) / norm ** 2;
      return { x: c.map((d, i) => (d - x![i]! * along) / norm) };
    });
  });
});
