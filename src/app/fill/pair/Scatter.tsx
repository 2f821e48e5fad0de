import { useEffect, useRef, useState } from 'react';
import { useText } from '../../i18n/use-text.ts';
import { formatProbability } from '../../lib/format.ts';
import { useAppStore } from '../../store/store.ts';
import { classes } from '../../ui/class-names.ts';
import ui from '../../ui/ui.module.css';
import styles from './PairView.module.css';
import type { PairWord } from './pair.ts';

/** Words that get their name in the picture: those furthest from the diagonal. */
const NAMED = 14;
const MARGIN_PX = 34;

/** Every word by its probability in A (across) and in B (up), both on a log scale. The tables beside it say the same in words. */
export function Scatter({ words }: { words: readonly PairWord[] }) {
  const { t, language } = useText();
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useAppStore(state => state.settings.theme);
  const [near, setNear] = useState<PairWord | null>(null);
  const [side, setSide] = useState(0);

  useEffect(() => {
    const element = canvas.current;
    if (!element || typeof ResizeObserver === 'undefined') return;
    const observer = new ResizeObserver(() => setSide(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const low = Math.max(
    Math.log(1e-9),
    words.reduce((least, { logA, logB }) => Math.min(least, logA, logB), 0),
  );
  /** Natural log of a probability → pixels from the origin of the plot. */
  const place = (log: number) => MARGIN_PX + ((Math.max(low, log) - low) / -low) * (side - MARGIN_PX - 8);
  const x = ({ logA }: PairWord) => place(logA);
  const y = ({ logB }: PairWord) => side - place(logB);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme changes the colours that are read from the page.
  useEffect(() => {
    const element = canvas.current;
    const pen = element?.getContext?.('2d');
    if (!element || !pen || side === 0) return;
    const scale = devicePixelRatio;
    element.width = side * scale;
    element.height = side * scale;
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, side, side);
    const style = getComputedStyle(element);
    // A canvas takes no light-dark(): the colour is resolved on an element first.
    const colour = (name: string) => {
      element.style.color = `var(${name})`;
      const value = getComputedStyle(element).color;
      element.style.color = '';
      return value;
    };
    pen.strokeStyle = colour('--rule-strong');
    pen.strokeRect(MARGIN_PX, 8, side - MARGIN_PX - 8, side - MARGIN_PX - 8);
    pen.setLineDash([4, 4]);
    pen.beginPath();
    pen.moveTo(MARGIN_PX, side - MARGIN_PX);
    pen.lineTo(side - 8, 8);
    pen.stroke();
    pen.setLineDash([]);
    pen.fillStyle = colour('--ink-soft');
    pen.font = `12px ${style.fontFamily}`;
    for (let power = 0; 10 ** -power > Math.exp(low); power += 2) {
      const at = place(-power * Math.LN10);
      const label = power === 0 ? '1' : `10⁻${'⁰¹²³⁴⁵⁶⁷⁸⁹'[power] ?? power}`;
      pen.textAlign = power === 0 ? 'right' : 'center';
      pen.fillText(label, at, side - MARGIN_PX + 15);
      pen.textAlign = 'right';
      pen.fillText(label, MARGIN_PX - 5, side - at + 4);
    }
    pen.textAlign = 'right';
    pen.fillText('A →', side - 8, side - 6);
    pen.textAlign = 'left';
    pen.fillText('B ↑', 2, 16);
    pen.fillStyle = colour('--bar');
    pen.globalAlpha = words.length > 2000 ? 0.35 : 0.7;
    for (const word of words) pen.fillRect(x(word) - 1.5, y(word) - 1.5, 3, 3);
    pen.globalAlpha = 1;
    pen.fillStyle = colour('--ink');
    const far = [...words].sort((a, b) => weight(b) - weight(a)).slice(0, NAMED);
    for (const word of far) {
      const isRight = x(word) > side / 2;
      pen.textAlign = isRight ? 'right' : 'left';
      pen.fillText(word.word, x(word) + (isRight ? -5 : 5), y(word) + 4);
    }
  }, [words, side, theme, low]);

  const onMove = (event: React.MouseEvent<HTMLCanvasElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const [px, py] = [event.clientX - box.left, event.clientY - box.top];
    let best: PairWord | null = null;
    let least = 400; // within 20 pixels
    for (const word of words) {
      const distance = (x(word) - px) ** 2 + (y(word) - py) ** 2;
      if (distance < least) [best, least] = [word, distance];
    }
    setNear(best);
  };

  return (
    <figure className={classes(ui.sheet, styles.figure)}>
      <canvas
        ref={canvas}
        role="img"
        aria-label={t.fill.pair.scatter}
        className={styles.canvas}
        onMouseMove={onMove}
        onMouseLeave={() => setNear(null)}
      />
      <figcaption>
        {near
          ? t.fill.pair.point(near.word, formatProbability(Math.exp(near.logA), language), formatProbability(Math.exp(near.logB), language))
          : t.fill.pair.scatterHint}
      </figcaption>
    </figure>
  );
}

/** Far from the diagonal, and likely enough to matter. */
const weight = ({ logA, logB }: PairWord): number => Math.abs(logA - logB) * Math.exp(Math.max(logA, logB) / 3);
