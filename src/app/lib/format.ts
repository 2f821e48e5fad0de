/** Numbers as the reader's language writes them. */
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
  return formatter(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

/** 0.4531 → 45,3 %; small ones keep two significant digits, tiny ones a power of ten: never a false « 0 % ». */
export function formatProbability(value: number, language: Language): string {
  if (value >= 0.001 || value === 0)
    return formatter(language, { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(value);
  if (value >= 1e-6) return formatter(language, { style: 'percent', maximumSignificantDigits: 2 }).format(value);
  return formatScientific(value, language);
}

/** 2,5 × 10⁻⁹. */
export function formatScientific(value: number, language: Language): string {
  if (value === 0) return '0';
  // Rounded first, so that 9,99 does not become « 10,0 ».
  const [mantissa = '', exponent = ''] = value.toExponential(1).split('e');
  return `${formatNumber(Number(mantissa), language, 1)} × 10${superscript(Number(exponent))}`;
}

function superscript(value: number): string {
  const digits = '⁰¹²³⁴⁵⁶⁷⁸⁹';
  return [...String(value)].map(sign => (sign === '-' ? '⁻' : (digits[Number(sign)] ?? ''))).join('');
}

/** Bytes in powers of 1000: 245,3 Mo, 245.3 MB; `rough` leaves the decimals of megabytes out. */
export function formatBytes(bytes: number, language: Language, rough = false): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
  let step = 0;
  let value = bytes;
  while (value >= 1000 && step < units.length - 1) {
    value /= 1000;
    step++;
  }
  const digits = step === 0 ? 0 : rough ? (value < 10 ? 1 : 0) : value < 10 ? 2 : 1;
  return formatter(language, {
    style: 'unit',
    unit: units[step] ?? 'byte',
    unitDisplay: 'short',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value);
}

/** « 12 ms » in French, “12ms” in English, whose short form would say “secs”. */
const timeUnit = (language: Language) => (language === 'fr' ? 'short' : 'narrow');

/** Milliseconds below a second, else seconds with one decimal. */
export function formatDuration(ms: number, language: Language): string {
  if (ms < 1000) {
    return formatter(language, {
      style: 'unit',
      unit: 'millisecond',
      unitDisplay: timeUnit(language),
      maximumFractionDigits: ms < 10 ? 1 : 0,
    }).format(ms);
  }
  return formatter(language, {
    style: 'unit',
    unit: 'second',
    unitDisplay: timeUnit(language),
    maximumFractionDigits: ms < 60_000 ? 1 : 0,
  }).format(ms / 1000);
}

/** A time that is only expected: two digits below ten seconds, then as coarse as a time left. */
export function formatAbout(ms: number, language: Language): string {
  if (ms >= 10_000) return formatRemaining(ms / 1000, language);
  return formatDuration(Number(ms.toPrecision(2)), language);
}

/** Time left, coarse on purpose: seconds to a minute, then minutes. */
export function formatRemaining(seconds: number, language: Language): string {
  if (seconds < 60)
    return formatter(language, { style: 'unit', unit: 'second', unitDisplay: timeUnit(language), maximumFractionDigits: 0 }).format(
      Math.max(1, Math.round(seconds)),
    );
  return formatter(language, { style: 'unit', unit: 'minute', unitDisplay: timeUnit(language), maximumFractionDigits: 0 }).format(
    Math.round(seconds / 60),
  );
}

/** Floating-point operations: 12,4 GFLOP. */
export function formatFlops(flops: number, language: Language): string {
  const units = ['FLOP', 'kFLOP', 'MFLOP', 'GFLOP', 'TFLOP', 'PFLOP'];
  let step = 0;
  let value = flops;
  while (value >= 1000 && step < units.length - 1) {
    value /= 1000;
    step++;
  }
  return `${formatNumber(value, language, step === 0 || value >= 100 ? 0 : 1)}\u00a0${units[step]}`;
}

/** A moment: 22 nov. 2026, 17:05. */
export function formatMoment(ms: number, language: Language): string {
  return new Intl.DateTimeFormat(locales[language], { dateStyle: 'medium', timeStyle: 'short' }).format(ms);
}
