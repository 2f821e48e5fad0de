import { ClipboardPaste, FilePlus2, Trash2 } from 'lucide-react';
import { useId, useState } from 'react';
import { FileTrigger } from 'react-aria-components';
import { useText } from '../i18n/use-text.ts';
import { pickedFiles } from '../lib/folders.ts';
import { formatNumber } from '../lib/format.ts';
import { useAppStore } from '../store/store.ts';
import { Button } from '../ui/Button.tsx';
import { classes } from '../ui/class-names.ts';
import ui from '../ui/ui.module.css';
import styles from './Documents.module.css';
import { addFiles, addText, openPassage, removeDocument } from './documents.ts';
import { readEndings } from './files/read-file.ts';
import { passageCount } from './passages.ts';
import type { Doc } from './state.ts';

/** Adding documents, and those that are there. */
export function Documents() {
  const { t, language } = useText();
  const { reading, documents, opening } = useAppStore(state => state.search);
  const number = (value: number) => formatNumber(value, language);
  return (
    <div className={classes(ui.sheet, styles.card)}>
      <h2>{t.search.documents}</h2>
      <FileTrigger allowsMultiple acceptedFileTypes={readEndings} onSelect={list => void addFiles(pickedFiles(list ?? []))}>
        <Button icon={FilePlus2} isDisabled={reading !== null || opening !== 'done'}>
          {reading ? t.search.reading(number(reading.done), number(reading.total)) : t.search.add}
        </Button>
      </FileTrigger>
      <p className={ui.hint}>{t.search.addHint}</p>
      <Paste />
      {documents.length > 0 && <List documents={documents} />}
    </div>
  );
}

function Paste() {
  const { t, language } = useText();
  const ids = { name: useId(), text: useId() };
  const count = useAppStore(state => state.search.documents.length);
  const [name, setName] = useState('');
  const [text, setText] = useState('');
  const add = async () => {
    const isAdded = await addText(name.trim() || t.search.pasted(formatNumber(count + 1, language)), text);
    if (!isAdded) return;
    setName('');
    setText('');
  };
  return (
    <details className={styles.paste}>
      <summary>{t.search.paste}</summary>
      <div className={styles.fields}>
        <div className={ui.field}>
          <label htmlFor={ids.name} className={ui.label}>
            {t.search.pasteName}
          </label>
          <input id={ids.name} className={ui.input} value={name} autoComplete="off" onChange={event => setName(event.target.value)} />
        </div>
        <div className={ui.field}>
          <label htmlFor={ids.text} className={ui.label}>
            {t.search.pasteText}
          </label>
          <textarea id={ids.text} lang="fr" rows={5} className={ui.input} value={text} onChange={event => setText(event.target.value)} />
        </div>
        <Button icon={ClipboardPaste} isDisabled={text.trim() === ''} onPress={() => void add()}>
          {t.search.pasteAdd}
        </Button>
      </div>
    </details>
  );
}

/** Documents that are shown at first, and with each press. */
const AT_ONCE = 20;

function List({ documents }: { documents: readonly Doc[] }) {
  const { t, language } = useText();
  const [shown, setShown] = useState(AT_ONCE);
  const number = (value: number) => formatNumber(value, language);
  const size = (doc: Doc): string => {
    const passages = t.search.passages(number(passageCount(doc)));
    if (doc.kind === 'table') return `${t.search.rows(number(doc.parts.length))}, ${passages}`;
    return doc.kind === 'pdf' ? `${t.search.pages(number(doc.parts.length))}, ${passages}` : passages;
  };
  const rest = documents.length - shown;
  return (
    <>
      <ul className={styles.list}>
        {documents.slice(0, shown).map(doc => (
          <li key={doc.id}>
            <Button
              look="quiet"
              aria-label={t.search.see(doc.name)}
              isDisabled={passageCount(doc) === 0}
              onPress={() => openPassage({ doc: doc.id, passage: 0, isHit: false })}
            >
              <span className={styles.name}>{doc.name}</span>
            </Button>
            <span className={ui.hint}>
              {t.search.kinds[doc.kind]} · {size(doc)}
            </span>
            <Button look="quiet" icon={Trash2} aria-label={t.search.remove(doc.name)} onPress={() => void removeDocument(doc.id)} />
          </li>
        ))}
      </ul>
      {rest > 0 && (
        <Button look="quiet" onPress={() => setShown(shown + AT_ONCE)}>
          {t.search.more(number(Math.min(rest, AT_ONCE)))}
        </Button>
      )}
    </>
  );
}
