import { useRef, useState } from 'react';
import { useText } from '../i18n/use-text.ts';
import { formatNumber } from '../lib/format.ts';
import { cutText, groupPieces, type Piece, STRIP_LIMIT } from '../lib/words.ts';
import { useAppStore } from '../store/store.ts';
import ui from '../ui/ui.module.css';
import { hide, show } from './fill.ts';
import styles from './WordStrip.module.css';

/** The text word by word: choosing a word hides it, choosing a mask shows its word again. One tab stop; arrows move inside. */
export function WordStrip({ onGoToMask }: { onGoToMask: (index: number) => void }) {
  const { t, language } = useText();
  const { text, masks } = useAppStore(state => state.fill);
  const maskToken = useAppStore(state => state.model.report?.maskToken);
  const strip = useRef<HTMLDivElement>(null);
  const [stop, setStop] = useState(0);
  const { pieces, complete } = cutText(text, maskToken);
  const count = pieces.filter(piece => piece.kind !== 'gap').length;
  const current = Math.min(stop, count - 1);

  const onKeyDown = (event: React.KeyboardEvent) => {
    const move: Record<string, number> = { ArrowRight: current + 1, ArrowLeft: current - 1, Home: 0, End: count - 1 };
    const to = move[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = Math.min(count - 1, Math.max(0, to));
    setStop(next);
    strip.current?.querySelectorAll('button')[next]?.focus();
  };

  if (count === 0) return null;
  let word = -1;
  const shown = (piece: Piece) => {
    const part = text.slice(piece.start, piece.end);
    if (piece.kind === 'gap') return <span key={piece.start}>{part}</span>;
    word++;
    const at = word;
    const tab = { tabIndex: at === current ? 0 : -1, onFocus: () => setStop(at) };
    if (piece.kind === 'word') {
      return (
        <button
          key={`w${at}`}
          type="button"
          lang="fr"
          {...tab}
          aria-label={t.fill.hide(part)}
          className={styles.word}
          onClick={() => hide(piece)}
        >
          {part}
        </button>
      );
    }
    const index = masks.findIndex(mask => mask.start === piece.start);
    const hidden = masks[index]?.word ?? null;
    return (
      <button
        key={`w${at}`}
        type="button"
        {...tab}
        className={styles.maskChip}
        onClick={() => (hidden === null ? onGoToMask(index) : show(index))}
      >
        <span className={ui.visuallyHidden}>{t.fill.maskOnly} </span>
        <sup>{formatNumber(index + 1, language)}</sup>
        {hidden !== null && <span className={ui.visuallyHidden}>, </span>}
        <span lang="fr" className={styles.ghost}>
          {hidden ?? '      '}
        </span>
        <span className={ui.visuallyHidden}>{t.fill.chipAction(hidden === null ? t.fill.goToMask : t.fill.show)}</span>
      </button>
    );
  };
  return (
    <div className={styles.stripBlock}>
      <p id="strip-hint" className={ui.hint}>
        {t.fill.wordsHint}
      </p>
      <div
        ref={strip}
        role="toolbar"
        aria-label={t.fill.words}
        aria-describedby="strip-hint"
        onKeyDown={onKeyDown}
        className={styles.strip}
      >
        {groupPieces(pieces, text).map(unit =>
          unit.length === 1 && unit[0]?.kind === 'gap' ? (
            <span key={unit[0].start}>{text.slice(unit[0].start, unit[0].end)}</span>
          ) : (
            <span key={unit[0]?.start} className={styles.unit}>
              {unit.map(shown)}
            </span>
          ),
        )}
        {!complete && <span> …</span>}
      </div>
      {!complete && <p className={ui.hint}>{t.fill.stripCut(formatNumber(STRIP_LIMIT, language))}</p>}
    </div>
  );
}
