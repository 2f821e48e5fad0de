import { ListPlus, Plus, Trash2, X } from 'lucide-react';
import { memo, type RefObject, useRef } from 'react';
import { Input, Label, Text, TextField } from 'react-aria-components';
import { flushSync } from 'react-dom';
import { useText } from '../i18n/use-text.ts';
import { embedExample, queryExample } from '../lib/examples.ts';
import { formatNumber } from '../lib/format.ts';
import { KeepText, StepNote, UndoButtons } from '../parts/Undo.tsx';
import { appState, useAppStore } from '../store/store.ts';
import { Button } from '../ui/Button.tsx';
import { classes } from '../ui/class-names.ts';
import ui from '../ui/ui.module.css';
import { addLine, clearLines, compare, removeLine, setExample, setLine, setQuery, TEXT_LIMIT } from './embed.ts';
import { Aside, PasteBox } from './PasteBox.tsx';
import shared from './shared.module.css';
import type { Line, Pasted } from './state.ts';
import styles from './TextList.module.css';

/** The texts, one a line, and the query. Enter adds a line; pasting several lines adds as many. */
export function TextList() {
  const { t, language } = useText();
  const { lines, query, paste } = useAppStore(state => state.embed);
  const list = useRef<HTMLOListElement>(null);
  const fields = () => list.current?.querySelectorAll('textarea') ?? [];

  const addAndFocus = () => {
    flushSync(addLine);
    [...fields()].at(-1)?.focus();
  };

  const remove = (id: number, index: number) => {
    flushSync(() => removeLine(id));
    [...fields()][Math.max(0, index - 1)]?.focus();
  };

  const actions = useRef({ add: addAndFocus, remove });
  actions.current = { add: addAndFocus, remove };

  return (
    <div className={styles.writing}>
      <TextField value={query} onChange={setQuery} className={ui.field}>
        <Label className={ui.label}>{t.embed.query}</Label>
        <Input
          lang="fr"
          spellCheck={false}
          autoComplete="off"
          placeholder={t.embed.queryPlaceholder}
          className={classes(ui.input, styles.query)}
          data-writing
        />
        <Text slot="description" className={ui.hint}>
          {t.embed.queryHint}
        </Text>
      </TextField>
      <section aria-labelledby="texts-title" className={classes(ui.sheet, styles.texts)}>
        <div className={styles.textsHead}>
          <h2 id="texts-title" className={ui.label}>
            {t.embed.texts}
          </h2>
          <p className={ui.hint}>{t.embed.textsHint}</p>
        </div>
        <Aside />
        <ol ref={list} className={styles.lines}>
          {lines.map((line, index) => (
            <Row key={line.id} line={line} index={index} actions={actions} paste={paste?.id === line.id ? paste : null} />
          ))}
        </ol>
        <div className={styles.textsFoot}>
          <Button icon={Plus} isDisabled={lines.length >= TEXT_LIMIT} onPress={addAndFocus}>
            {t.embed.add}
          </Button>
          <Button look="quiet" icon={ListPlus} onPress={() => setExample(embedExample, queryExample)}>
            {t.embed.example}
          </Button>
          <Button look="quiet" icon={Trash2} isDisabled={lines.every(line => line.text === '')} onPress={clearLines}>
            {t.embed.clear}
          </Button>
          <UndoButtons view="embed" />
        </div>
        <StepNote view="embed" />
        {lines.length >= TEXT_LIMIT && (
          <p className={classes(ui.hint, styles.limit)}>{t.embed.limit(formatNumber(TEXT_LIMIT, language))}</p>
        )}
      </section>
      <KeepText />
    </div>
  );
}

interface RowProps {
  line: Line;
  index: number;
  paste: Pasted | null;
  actions: RefObject<{ add: () => void; remove: (id: number, index: number) => void }>;
}

/** One text. Memoised, so that typing in one of five hundred texts does not render the others again. */
const Row = memo(function Row({ line, index, paste, actions }: RowProps) {
  const { t } = useText();
  return (
    <li>
      <div className={styles.line}>
        <span aria-hidden className={shared.number}>
          {index + 1}
        </span>
        <textarea
          lang="fr"
          rows={1}
          aria-label={t.embed.text(index + 1)}
          placeholder={index === 0 ? t.fill.placeholder : undefined}
          value={line.text}
          spellCheck={false}
          autoComplete="off"
          data-main-field={index === 0 ? '' : undefined}
          data-writing
          onChange={event => setLine(line.id, event.target.value)}
          onKeyDown={event => {
            if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
              event.preventDefault();
              if (event.ctrlKey || event.metaKey) void compare();
              else actions.current.add();
            }
            if (event.key === 'Backspace' && line.text === '' && appState().embed.lines.length > 1) {
              event.preventDefault();
              actions.current.remove(line.id, index);
            }
          }}
        />
        <Button look="quiet" icon={X} aria-label={t.embed.remove(index + 1)} onPress={() => actions.current.remove(line.id, index)} />
      </div>
      {paste && <PasteBox paste={paste} />}
    </li>
  );
});
