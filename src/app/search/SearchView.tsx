import { BookOpen } from 'lucide-react';
import { useEffect } from 'react';
import { useText } from '../i18n/use-text.ts';
import { patch, useAppStore } from '../store/store.ts';
import { Button } from '../ui/Button.tsx';
import { Empty } from '../ui/Empty.tsx';
import { Segmented } from '../ui/Segmented.tsx';
import { DocumentDialog } from './DocumentDialog.tsx';
import { Documents } from './Documents.tsx';
import { addDocuments } from './documents.ts';
import { exampleDocuments, exampleQueries } from './example.ts';
import { Incoming } from './Incoming.tsx';
import { IndexPanel } from './IndexPanel.tsx';
import { DuplicatesView } from './map/DuplicatesView.tsx';
import { MapView } from './map/MapView.tsx';
import { QueryBox } from './QueryBox.tsx';
import { Results } from './Results.tsx';
import styles from './SearchView.module.css';
import { setQuery } from './search.ts';
import type { SearchPart } from './state.ts';
import { watchSearch } from './watch.ts';

/** The reader's own documents: what they are, and what is found in them. */
export function SearchView() {
  const { t } = useText();
  const isEmpty = useAppStore(state => state.search.documents.length === 0);
  const isOpen = useAppStore(state => state.search.opening === 'done');
  useEffect(watchSearch, []);
  return (
    <>
      <Incoming />
      <div className={styles.columns}>
        <section aria-label={t.search.query} className={styles.main}>
          {isEmpty ? isOpen && <Begin /> : <Found />}
        </section>
        <section aria-label={t.search.documents} className={styles.side} aria-busy={!isOpen}>
          <Documents />
          <IndexPanel />
        </section>
      </div>
      <DocumentDialog />
    </>
  );
}

function Begin() {
  const { t } = useText();
  return (
    <Empty title={t.search.empty}>
      <p>{t.search.emptyBody}</p>
      <Button
        look="primary"
        icon={BookOpen}
        onPress={() => {
          setQuery(exampleQueries[0] ?? '');
          void addDocuments(exampleDocuments());
        }}
      >
        {t.search.example}
      </Button>
    </Empty>
  );
}

const parts: readonly SearchPart[] = ['passages', 'map', 'duplicates'];

function Found() {
  const { t } = useText();
  const part = useAppStore(state => state.search.part);
  return (
    <>
      <div className={styles.parts}>
        <Segmented
          label={t.map.parts}
          value={part}
          options={parts.map(value => ({ value, name: t.map[value], shown: t.map[value] }))}
          onChange={value => patch('search', { part: value })}
        />
      </div>
      {part === 'passages' && (
        <>
          <QueryBox />
          <Results />
        </>
      )}
      {part === 'map' && <MapView />}
      {part === 'duplicates' && <DuplicatesView />}
    </>
  );
}
