/** Numbers as the user's language writes them. */
export type Language = 'fr' | 'en';

const locales: Record<Language, string> = { fr: 'fr-FR', en: 'en-GB' };
const cache = new Map<string, Intl.NumberFormat>();

function formatter(language: Language, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = language + JSON.stringify(options);
  let found = cache.get(key);
  if (!found) {
    found = new Intl.NumberFormat(locales[language], options);
    cache.set(key, found);
  }
  return found;
}

export const localeOf = (language: Language): string => locales[language];

export function formatNumber(value: number, language: Language, digits = 0): string {
  // `negative` writes no sign before a zero, also one that rounding made: never « −0,00 ».
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay: 'negative' } as const;
  return formatter(language, options).format(value).replace('-', MINUS);
}

const MINUS = '\u2212';
const SPACE = '\u00a0';

/** « 45,3 % », “45.3%”. */
function percent(value: number, language: Language, digits: number): string {
  return formatter(language, { style: 'percent', minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

/**
 * A probability, in percent whatever its size, so that a column has one notation. What rounding would make 0 or 100 is said
 * to be less or more: « < 0,01 % », « > 99,9 % »; the exact ends alone are « 0,0 % » and « 100,0 % ».
 */
export function formatProbability(value: number, language: Language): string {
  if (value > 0 && value < 0.0001) return `<${SPACE}${percent(0.0001, language, 2)}`;
  if (value >= 0.9995 && value < 1) return `>${SPACE}${percent(0.999, language, 1)}`;
  // Rounded first, so that 0.00999 does not become « 1,00 % » beside « 1,0 % ».
  return percent(value, language, value === 0 || Number(value.toFixed(4)) >= 0.01 ? 1 : 2);
}

/** The natural logarithm of a probability: 0 only for a certainty, else « > −0,01 ». */
export function formatLog(value: number, language: Language): string {
  if (value < 0 && value > -0.005) return `>${SPACE}${formatNumber(-0.01, language, 2)}`;
  return formatNumber(value, language, 2);
}

/** A part that is done, in whole percent: 100 only when all is, and « < 1 % » once something is. */
export function formatShare(share: number, language: Language): string {
  if (share > 0 && share < 0.01) return `<${SPACE}${percent(0.01, language, 0)}`;
  // The small addend takes the error of a binary fraction away: 0.29 * 100 is 28.999….
  return percent(share >= 1 ? 1 : Math.min(0.99, Math.floor(share * 100 + 1e-9) / 100), language, 0);
}

/** 2,5 × 10⁻⁹. */
export function formatScientific(value: number, language: Language): string {
  if (value === 0) return '0';
  // Rounded first, so that 9,99 does not become « 10,0 ».
  const [mantissa = '', exponent = ''] = value.toExponential(1).split('e');
  return `${formatNumber(Number(mantissa), language, 1)}${SPACE}×${SPACE}10${superscript(Number(exponent))}`;
}

function superscript(value: number): string {
  const digits = '⁰¹²³⁴⁵⁶⁷⁸⁹';
  return [...String(value)].map(sign => (sign === '-' ? '⁻' : (digits[Number(sign)] ?? ''))).join('');
}

/** A quantity in the largest unit in which it is at least 1 after rounding: never « 1 000,0 Mo ». */
function scaled(value: number, units: readonly string[], language: Language, digitsOf: (value: number, step: number) => number): string {
  let step = 0;
  let left = value;
  while (step < units.length - 1 && Number(left.toFixed(digitsOf(left, step))) >= 1000) {
    left /= 1000;
    step++;
  }
  return `${formatNumber(left, language, digitsOf(left, step))}${SPACE}${units[step]}`;
}

const byteUnits: Record<Language, readonly string[]> = { fr: ['o', 'ko', 'Mo', 'Go'], en: ['B', 'kB', 'MB', 'GB'] };

/** Bytes in powers of 1000: 245,3 Mo, 245.3 MB; `rough` leaves the decimals of megabytes out. */
export function formatBytes(bytes: number, language: Language, rough = false): string {
  return scaled(bytes, byteUnits[language], language, (value, step) => {
    if (step === 0) return 0;
    if (rough) return value < 9.95 ? 1 : 0;
    return value < 9.995 ? 2 : 1;
  });
}

/** A measured time: « < 1 ms », 12 ms, 2,3 s, 1 min 5 s, 2 h 10 min. */
export function formatDuration(ms: number, language: Language): string {
  if (ms < 1) return `<${SPACE}1${SPACE}ms`;
  return formatTime(ms, language);
}

/** A time that is compared with others, or expected: two digits below ten seconds, also of less than a millisecond. */
export function formatAbout(ms: number, language: Language): string {
  if (ms >= 10_000) return formatRemaining(ms / 1000, language);
  const rounded = Number(ms.toPrecision(2));
  if (rounded >= 10) return formatTime(rounded, language);
  if (rounded < 0.001) return `<${SPACE}${formatNumber(0.001, language, 3)}${SPACE}ms`;
  return `${formatter(language, { maximumSignificantDigits: 2 }).format(rounded)}${SPACE}ms`;
}

function formatTime(ms: number, language: Language): string {
  const digits = ms < 9.95 ? 1 : 0;
  if (Number(ms.toFixed(digits)) < 1000) return `${formatNumber(ms, language, digits)}${SPACE}ms`;
  if (ms < 59_950) return `${formatNumber(ms / 1000, language, 1)}${SPACE}s`;
  const seconds = Math.round(ms / 1000);
  return twoUnits(seconds < 3600 ? [Math.floor(seconds / 60), 'min', seconds % 60, 's'] : hours(seconds), language);
}

/** Time left, coarse on purpose: seconds to a minute, then minutes, then hours. */
export function formatRemaining(seconds: number, language: Language): string {
  const whole = Math.max(1, Math.round(seconds));
  if (whole < 60) return `${formatNumber(whole, language)}${SPACE}s`;
  if (whole < 3570) return `${formatNumber(Math.round(whole / 60), language)}${SPACE}min`;
  return twoUnits(hours(whole), language);
}

type TwoUnits = [many: number, unit: string, few: number, smallUnit: string];

function hours(seconds: number): TwoUnits {
  const minutes = Math.round(seconds / 60);
  return [Math.floor(minutes / 60), 'h', minutes % 60, 'min'];
}

function twoUnits([many, unit, few, smallUnit]: TwoUnits, language: Language): string {
  const first = `${formatNumber(many, language)}${SPACE}${unit}`;
  return few === 0 ? first : `${first}${SPACE}${formatNumber(few, language)}${SPACE}${smallUnit}`;
}

/** Floating-point operations: 12,4 GFLOP. */
export function formatFlops(flops: number, language: Language): string {
  const units = ['FLOP', 'kFLOP', 'MFLOP', 'GFLOP', 'TFLOP', 'PFLOP'];
  return scaled(flops, units, language, (value, step) => (step === 0 || value >= 99.95 ? 0 : 1));
}

/** A moment: 22 nov. 2026, 17:05. */
export function formatMoment(ms: number, language: Language): string {
  return new Intl.DateTimeFormat(locales[language], { dateStyle: 'medium', timeStyle: 'short' }).format(ms);
}
