import { useRef, useState } from 'react';
import { useText } from '../i18n/use-text.ts';
import { formatNumber, formatProbability } from '../lib/format.ts';
import { cutText, groupPieces, type Piece, STRIP_LIMIT } from '../lib/words.ts';
import { useAppStore } from '../store/store.ts';
import { classes } from '../ui/class-names.ts';
import ui from '../ui/ui.module.css';
import { hide, setFill, show } from './fill.ts';
import styles from './LivingText.module.css';
import { MaskPopover } from './MaskPopover.tsx';
import { placeWords } from './place-words.ts';
import ruled from './ruled.module.css';

/**
 * The text word by word, with the model's words in the place of its masks. A press on a word hides it, a press on a mask shows its word again; the arrow beside a
 * mask opens what the model expects there. One tab stop; arrows move inside.
 */
export function LivingText() {
  const { t, language } = useText();
  const fill = useAppStore(state => state.fill);
  const maskToken = useAppStore(state => state.model.report?.maskToken);
  const strip = useRef<HTMLDivElement>(null);
  const [stop, setStop] = useState(0);
  /** The mask whose words are open, and the button that opened them. */
  const [open, setOpen] = useState<{ mask: number; at: HTMLElement } | null>(null);
  const { text, masks } = fill;
  const { pieces, complete } = cutText(text, maskToken);
  const buttons = pieces.reduce((sum, { kind }) => sum + (kind === 'gap' ? 0 : kind === 'word' ? 1 : 2), 0);
  const current = Math.min(stop, buttons - 1);
  const placed = placeWords(fill);
  const unknown = fill.reading?.text === text ? fill.reading.unknown : [];

  const focusButton = (at: number) => strip.current?.querySelectorAll<HTMLButtonElement>('button')[at]?.focus();
  const onKeyDown = (event: React.KeyboardEvent) => {
    const move: Record<string, number> = { ArrowRight: current + 1, ArrowLeft: current - 1, Home: 0, End: buttons - 1 };
    const to = move[event.key];
    if (to === undefined) return;
    event.preventDefault();
    focusButton(Math.min(buttons - 1, Math.max(0, to)));
  };

  let button = -1;
  const tab = () => {
    const at = ++button;
    return { tabIndex: at === current ? 0 : -1, onFocus: () => setStop(at) };
  };
  const word = (piece: Piece) => {
    const part = text.slice(piece.start, piece.end);
    const isUnknown = unknown.some(({ start, end }) => start < piece.end && end > piece.start);
    return (
      <button
        key={`w${piece.start}`}
        type="button"
        lang="fr"
        {...tab()}
        aria-label={t.fill.hide(part)}
        className={styles.word}
        data-unknown={isUnknown || undefined}
        onClick={() => void hide(piece)}
      >
        {part}
      </button>
    );
  };
  const mask = (piece: Piece) => {
    const index = masks.findIndex(each => each.start === piece.start);
    const { word: hidden = null, slot } = masks[index] ?? {};
    const shown = placed?.[index] ?? null;
    const share = shown?.share == null ? null : formatProbability(shown.share, language);
    const number = formatNumber(index + 1, language);
    const toggle = (at: HTMLElement) => setOpen(open?.mask === index ? null : { mask: index, at });
    const at = { onMouseEnter: () => setFill({ current: index }) };
    return (
      // The pointer only marks what the keyboard reaches by focus.
      <span
        key={`m${piece.start}`}
        {...at}
        className={styles.place}
        data-current={(fill.current === index && masks.length > 1) || undefined}
        data-hovered={fill.hovered?.mask === index || undefined}
      >
        <button
          type="button"
          {...tab()}
          className={styles.mask}
          onFocusCapture={() => setFill({ current: index })}
          onClick={event => (hidden === null ? toggle(event.currentTarget) : show(index))}
        >
          <Spoken>{`${t.fill.maskOnly} `}</Spoken>
          <sup>{number}</sup>
          <Spoken>, </Spoken>
          <span lang="fr" className={styles.filled}>
            {shown?.word ?? ' '}
          </span>
          <Spoken> </Spoken>
          {share !== null && <small>{share}</small>}
          <Spoken>{hidden === null ? t.fill.chipOpens : t.fill.chipHides(hidden, slot?.of)}</Spoken>
        </button>
        <button
          type="button"
          {...tab()}
          className={styles.more}
          aria-label={t.fill.moreWords(number)}
          aria-haspopup="dialog"
          aria-expanded={open?.mask === index}
          onFocusCapture={() => setFill({ current: index })}
          onClick={event => toggle(event.currentTarget)}
        >
          <span aria-hidden>▾</span>
        </button>
      </span>
    );
  };
  const shownPiece = (piece: Piece) => {
    if (piece.kind === 'gap') return <span key={piece.start}>{text.slice(piece.start, piece.end)}</span>;
    return piece.kind === 'word' ? word(piece) : mask(piece);
  };

  return (
    <>
      <div
        ref={strip}
        role="toolbar"
        tabIndex={-1}
        aria-label={t.fill.words}
        aria-describedby="words-hint"
        onKeyDown={onKeyDown}
        onFocus={event => event.target === event.currentTarget && focusButton(current)}
        className={classes(ruled.page, styles.text)}
        data-main-field
        data-stale={placed === null || undefined}
      >
        {groupPieces(pieces, text).map(unit =>
          unit.length === 1 && unit[0]?.kind === 'gap' ? (
            <span key={unit[0].start}>{text.slice(unit[0].start, unit[0].end)}</span>
          ) : (
            <span key={unit[0]?.start} className={styles.unit}>
              {unit.map(shownPiece)}
            </span>
          ),
        )}
        {!complete && <span> …</span>}
      </div>
      <p id="words-hint" className={classes(ui.hint, ruled.below)}>
        {t.fill.wordsHint} {!complete && t.fill.stripCut(formatNumber(STRIP_LIMIT, language))}
      </p>
      {open && <MaskPopover mask={open.mask} trigger={open.at} onClose={() => setOpen(null)} />}
    </>
  );
}

/** What only a screen reader says. */
const Spoken = ({ children }: { children: string }) => <span className={ui.visuallyHidden}>{children}</span>;
