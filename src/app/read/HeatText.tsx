import { memo, useEffect, useMemo, useRef, useState } from 'react';
import { useText } from '../i18n/use-text.ts';
import { useAppStore } from '../store/store.ts';
import { classes } from '../ui/class-names.ts';
import styles from './HeatText.module.css';
import { setRead, thresholdOf } from './read.ts';
import type { ReadResult, ReadWord, Scale } from './state.ts';
import { WordTip } from './WordTip.tsx';
import { type Block, blocksOf, stepOf } from './words.ts';

/**
 * The text with its words shaded, and underlined the thicker the more surprising they are. One tab stop: the arrows go from word to word, n and p to the next
 * and the previous surprising one. Thousands of words are drawn once each: a press or a key changes the two blocks that it concerns.
 */
export function HeatText() {
  const { t } = useText();
  const read = useAppStore(state => state.read);
  const { text, chosen } = read;
  const result = read.result?.text === text ? read.result : null;
  const box = useRef<HTMLDivElement>(null);
  const [hovered, setHovered] = useState<number | null>(null);
  const [hasFocus, setHasFocus] = useState(false);
  const blocks = useMemo(() => blocksOf(text, result?.words ?? []), [text, result?.words]);
  const count = result?.words.length ?? 0;
  const threshold = thresholdOf(read);

  const elementOf = (word: number) => box.current?.querySelector<HTMLElement>(`[data-word="${word}"]`) ?? null;
  const wordAt = (target: EventTarget) => {
    const at = target instanceof HTMLElement ? target.closest<HTMLElement>('[data-word]')?.dataset.word : undefined;
    return at === undefined ? null : Number(at);
  };

  useEffect(() => {
    if (chosen !== null) box.current?.querySelector(`[data-word="${chosen}"]`)?.scrollIntoView?.({ block: 'nearest' });
  }, [chosen]);

  const onKeyDown = (event: React.KeyboardEvent) => {
    const at = chosen ?? -1;
    const move: Record<string, number | null> = {
      ArrowRight: at + 1,
      ArrowLeft: at - 1,
      Home: 0,
      End: count - 1,
      Escape: null,
    };
    const to = move[event.key];
    if (to === undefined || count === 0) return;
    event.preventDefault();
    setHovered(null);
    setRead({ chosen: to === null ? null : Math.min(count - 1, Math.max(0, to)) });
  };

  const tip = hovered ?? (hasFocus ? chosen : null);
  const tipWord = tip === null ? undefined : result?.words[tip];
  const tipElement = tip === null ? null : elementOf(tip);
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: a group of words, no fields. */}
      <div
        ref={box}
        role="group"
        lang="fr"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the keys move from word to word; the table says the same to a screen reader.
        tabIndex={0}
        aria-label={t.read.words}
        className={styles.text}
        data-main-field
        onKeyDown={onKeyDown}
        onFocus={() => setHasFocus(true)}
        onBlur={() => setHasFocus(false)}
        onClick={event => setRead({ chosen: wordAt(event.target) })}
        onMouseOver={event => setHovered(wordAt(event.target))}
        onMouseLeave={() => setHovered(null)}
      >
        {blocks.map(block => (
          <HeatBlock
            key={block.start}
            block={block}
            text={text}
            words={result?.words ?? none}
            scale={result?.scale ?? flat}
            threshold={threshold}
            chosen={chosen !== null && chosen >= block.first && chosen < block.last ? chosen : null}
          />
        ))}
      </div>
      {result && tipWord && tipElement && <WordTip result={result} word={tipWord} at={tipElement} />}
    </>
  );
}

const none: readonly ReadWord[] = [];
const flat: Scale = { mean: 0, deviation: 1 };

interface HeatBlockProps {
  block: Block;
  text: string;
  words: ReadResult['words'] | typeof none;
  scale: Scale;
  threshold: number;
  chosen: number | null;
}

const HeatBlock = memo(
  ({ block, text, words, scale, threshold, chosen }: HeatBlockProps) => {
    const parts: React.ReactNode[] = [];
    let at = block.start;
    for (let i = block.first; i < block.last; i++) {
      const word = words[i];
      if (!word) break;
      if (word.start > at) parts.push(text.slice(at, word.start));
      parts.push(
        <span
          key={i}
          data-word={i}
          data-step={stepOf(word.bits, scale)}
          data-found={word.bits >= threshold || undefined}
          className={classes(styles.word, i === chosen && styles.chosen)}
        >
          {text.slice(word.start, word.end)}
        </span>,
      );
      at = word.end;
    }
    parts.push(text.slice(at, block.end));
    return <span className={styles.block}>{parts}</span>;
  },
  (a, b) =>
    a.text === b.text &&
    a.chosen === b.chosen &&
    a.threshold === b.threshold &&
    a.scale.mean === b.scale.mean &&
    a.scale.deviation === b.scale.deviation &&
    a.block.start === b.block.start &&
    a.block.end === b.block.end &&
    a.block.last === b.block.last &&
    a.words[a.block.last - 1] === b.words[b.block.last - 1],
);
