import { X } from 'lucide-react';
import { useText } from '../i18n/use-text.ts';
import { formatShare } from '../lib/format.ts';
import { facts } from '../parts/LoadProgress.tsx';
import progressing from '../parts/progress.module.css';
import type { LibraryJob } from '../store/state.ts';
import { Bar } from '../ui/Bar.tsx';
import { Button } from '../ui/Button.tsx';

/** Work on an entry of the library: what, how far, and a way to stop it. */
export function JobProgress({ job, onCancel }: { job: LibraryJob; onCancel: () => void }) {
  const { t, language } = useText();
  const mending = job.kind === 'check' && job.progress?.stage === 'download';
  return (
    <div>
      <Bar
        title={mending ? t.library.mending : t.library.jobs[job.kind]}
        name={job.key === null ? job.name : undefined}
        share={job.overall}
      />
      <div className={progressing.progressFoot}>
        <span className={progressing.progressFacts}>
          {job.overall !== null && <strong>{formatShare(job.overall, language)}</strong>}
          {facts(t, language, job.progress, null).map(fact => (
            <span key={fact}>{fact}</span>
          ))}
        </span>
        {job.kind !== 'remove' && (
          <Button look="quiet" icon={X} onPress={onCancel}>
            {t.library.cancel}
          </Button>
        )}
      </div>
    </div>
  );
}
