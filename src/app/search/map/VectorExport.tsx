import { Download } from 'lucide-react';
import { useState } from 'react';
import { useText } from '../../i18n/use-text.ts';
import { type Failure, toFailure } from '../../lib/failure.ts';
import { saveBlob } from '../../lib/save.ts';
import { appState, useAppStore } from '../../store/store.ts';
import { announce } from '../../store/ui.ts';
import { Button } from '../../ui/Button.tsx';
import { FailureBox } from '../../ui/FailureBox.tsx';
import ui from '../../ui/ui.module.css';
import styles from '../Documents.module.css';
import { type Format, formats, vectorsCsv, vectorsJsonl, vectorsNpy, vectorsParquet } from './export-vectors.ts';
import { Slices } from './slices.ts';

/** The vectors as files for other programs. */
export function VectorExport() {
  const { t, language } = useText();
  const hasVectors = useAppStore(state => state.search.documents.some(({ done }) => done > 0));
  const [writing, setWriting] = useState<Format | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  if (!hasVectors) return null;

  const save = async (format: Format) => {
    const { documents, model } = appState().search;
    if (!model) return;
    setWriting(format);
    setFailure(null);
    const slices = new Slices(new AbortController().signal);
    const writers = {
      csv: () => vectorsCsv(t, language, documents, model.dim, slices),
      jsonl: () => vectorsJsonl(documents, model.dim, slices),
      parquet: () => vectorsParquet(documents, model.dim, slices),
      npy: () => vectorsNpy(documents, model.dim),
    };
    try {
      const blob = await writers[format]();
      saveBlob(`affinage-vectors.${format}`, blob);
      announce(t.map.exports.saved(t.map.exports.formats[format]));
    } catch (error) {
      setFailure(toFailure(error));
    } finally {
      setWriting(null);
    }
  };

  return (
    <details className={styles.paste}>
      <summary>{t.map.exports.title}</summary>
      <div className={styles.fields} aria-busy={writing !== null}>
        <div className={ui.noticeActions}>
          {formats.map(format => (
            <Button key={format} icon={Download} isDisabled={writing !== null} onPress={() => void save(format)}>
              {t.map.exports.formats[format]}
            </Button>
          ))}
        </div>
        <span className={ui.hint}>{writing ? t.map.exports.writing(t.map.exports.formats[writing]) : t.map.exports.hint}</span>
        {failure && <FailureBox failure={failure} />}
      </div>
    </details>
  );
}
