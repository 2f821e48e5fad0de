/** A run's log as a picture: the losses over the tokens, and the learning rate below. Plain SVG, without a script. */

interface Point {
  x: number;
  y: number;
}

const width = 720;
const left = 60;
const right = 20;

/** `log`: the lines of log.jsonl. */
export function curvesSvg(log: readonly Readonly<Record<string, unknown>>[], title: string): string {
  const points = (of: (line: Readonly<Record<string, unknown>>) => unknown) =>
    log.flatMap(line => {
      const y = of(line);
      return typeof y === 'number' && Number.isFinite(y) && typeof line.step === 'number' ? [{ x: line.step, y }] : [];
    });
  const train = points(line => line.loss);
  const held = points(line => (line.heldOut as { loss?: number } | undefined)?.loss);
  const rate = points(line => line.lr);
  const all = [...train, ...held];
  const most = all.reduce((max, { x }) => Math.max(max, x), 1);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} 440" font-family="sans-serif" font-size="12">`,
    `<title>${escaped(title)}</title>`,
    '<rect width="100%" height="100%" fill="white"/>',
    `<text x="${left}" y="20" font-size="14">${escaped(title)}</text>`,
    panel('loss', [curve(train, '#1f77b4', 'training'), curve(held, '#d62728', 'held out')], 40, 240, most),
    panel('learning rate', [curve(rate, '#2ca02c', '')], 310, 90, most),
    `<text x="${width - right}" y="430" text-anchor="end">step</text>`,
    '</svg>',
    '',
  ].join('\n');
}

/** The divergences of two models by layer, and those of the control. */
export function divergenceSvg(layers: readonly { layer: number; divergence: number; control?: number }[], title: string): string {
  const points = (of: (layer: (typeof layers)[number]) => number | undefined) =>
    layers.flatMap(each => {
      const y = of(each);
      return y === undefined ? [] : [{ x: each.layer, y }];
    });
  const most = Math.max(1, layers.length - 1);
  const curves = [
    curve(
      points(l => l.divergence),
      '#d62728',
      'divergence',
    ),
    curve(
      points(l => l.control),
      '#1f77b4',
      'control',
    ),
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} 340" font-family="sans-serif" font-size="12">`,
    `<title>${escaped(title)}</title>`,
    '<rect width="100%" height="100%" fill="white"/>',
    `<text x="${left}" y="20" font-size="14">${escaped(title)}</text>`,
    panel('1 - CKA', curves, 40, 250, most),
    `<text x="${width - right}" y="330" text-anchor="end">layer</text>`,
    '</svg>',
    '',
  ].join('\n');
}

interface Curve {
  points: readonly Point[];
  colour: string;
  label: string;
}

const curve = (points: readonly Point[], colour: string, label: string): Curve => ({ points, colour, label });

function panel(name: string, curves: readonly Curve[], top: number, height: number, most: number): string {
  const values = curves.flatMap(({ points }) => points.map(({ y }) => y));
  if (values.length === 0) return '';
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  const at = ({ x, y }: Point) => {
    const share = high > low ? (y - low) / (high - low) : 0.5;
    return `${(left + (x / most) * (width - left - right)).toFixed(1)},${(top + height - share * height).toFixed(1)}`;
  };
  const lines = curves.flatMap(({ points, colour, label }, i) =>
    points.length === 0
      ? []
      : [
          `<polyline fill="none" stroke="${colour}" stroke-width="1.5" points="${points.map(at).join(' ')}"/>`,
          ...(label ? [`<text x="${width - right}" y="${top + 12 + 16 * i}" text-anchor="end" fill="${colour}">${label}</text>`] : []),
        ],
  );
  const number = (v: number) => (Math.abs(v) >= 0.01 || v === 0 ? v.toFixed(2) : v.toExponential(1));
  return [
    `<path d="M${left} ${top}V${top + height}H${width - right}" fill="none" stroke="#888"/>`,
    `<text x="${left - 6}" y="${top + 10}" text-anchor="end">${number(high)}</text>`,
    `<text x="${left - 6}" y="${top + height}" text-anchor="end">${number(low)}</text>`,
    `<text x="${left + 6}" y="${top - 4}" fill="#555">${name}</text>`,
    `<text x="${left}" y="${top + height + 16}">0</text><text x="${width - right}" y="${top + height + 16}" text-anchor="end">${most}</text>`,
    ...lines,
  ].join('\n');
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
