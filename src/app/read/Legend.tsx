import { useText } from '../i18n/use-text.ts';
import { formatNumber } from '../lib/format.ts';
import heat from './HeatText.module.css';
import styles from './Legend.module.css';
import type { Scale } from './state.ts';
import { STEPS, stepBegin } from './words.ts';

/** What the shades mean, in bits. */
export function Legend({ scale }: { scale: Scale }) {
  const { t, language } = useText();
  const number = (bits: number) => formatNumber(bits, language, 1);
  // Where the scale is narrow, the lowest steps round to the same figure: they are left out.
  const steps = Array.from({ length: STEPS }, (_, i) => ({
    step: i + 1,
    from: number(stepBegin(i + 1, scale)),
    to: i + 1 === STEPS ? null : number(stepBegin(i + 2, scale)),
  })).filter(({ from, to }) => from !== to);
  return (
    <figure className={styles.legend}>
      <figcaption>{t.read.legend}</figcaption>
      <ol>
        {steps.map(({ step, from, to }) => (
          <li key={step}>
            <span className={heat.word} data-step={step}>
              {to === null ? t.read.more(from) : t.read.range(from, to)}
            </span>
          </li>
        ))}
      </ol>
    </figure>
  );
}
