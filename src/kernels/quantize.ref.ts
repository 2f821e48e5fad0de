/** Reference of shaders/quantize.wgsl: one group after the other in f64, and how near its decisions are to coming out otherwise. */
import { fromF16Bits, toF16Bits } from '../weights/dtype.ts';

export interface GroupRef {
  /** 32 codes. */
  codes: number[];
  /** f16 bits. */
  scale: number;
  /**
   * How far the nearest decision is from coming out otherwise, in units of the kernel's error bound for it. Over 1 the group is sure,
   * under 1 it is not; at about 1 the kernel may say either.
   */
  margin: number;
}

/** 32 weights → codes and scale: least squares over eleven trial scales for q4, the largest weight at ±127 for q8. */
export function quantizeGroupRef(x: readonly number[], format: 'q8' | 'q4'): GroupRef {
  const extreme = x.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0);
  const [lowest, highest] = format === 'q4' ? [-8, 7] : [-127, 127];
  if (extreme === 0) return { codes: x.map(() => 0), scale: 0, margin: Number.POSITIVE_INFINITY };
  const magnitude = Math.abs(extreme);
  let margin = magnitude >= 2 ** -29 && magnitude <= 2 ** 29 ? Number.POSITIVE_INFINITY : 0;
  const round = (step: number, bound: number) =>
    x.map(value => {
      const r = value / step;
      if (r > lowest && r < highest) margin = Math.min(margin, Math.abs(r - Math.floor(r) - 0.5) / (bound * Math.abs(r)));
      return Math.max(lowest, Math.min(highest, roundEven(r)));
    });
  let wanted = magnitude / 127;
  if (format === 'q4') {
    const tried = Array.from({ length: 11 }, (_, t) => {
      const codes = round((extreme / -8) * (0.8 + 0.04 * t), 2 ** -19);
      const qx = codes.reduce((sum, q, i) => sum + q * x[i]!, 0);
      const qq = codes.reduce((sum, q) => sum + q * q, 0);
      return { codes: codes.join(), gain: (qx * qx) / qq, scale: qx / qq };
    }).sort((a, b) => b.gain - a.gain);
    const best = tried[0]!;
    const rival = tried.find(({ codes }) => codes !== best.codes);
    if (rival) margin = Math.min(margin, (best.gain - rival.gain) / best.gain / 2 ** -17);
    wanted = best.scale;
  }
  const scale = toF16Bits(wanted);
  const step = fromF16Bits(scale);
  if (Math.abs(step) < 2 ** -14 || Math.abs(step) > 65_000) margin = 0;
  else margin = Math.min(margin, halfWay(wanted) / 40);
  return { codes: round(step, 2 ** -20), scale, margin };
}

function roundEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Distance from the nearest point half-way between two halves, in ulp of f32. */
function halfWay(value: number): number {
  const unit = 2 ** (Math.floor(Math.log2(Math.abs(value))) - 23);
  const inHalf = (Math.abs(value) / unit) % 2 ** 13;
  return Math.abs(inHalf - 2 ** 12);
}
