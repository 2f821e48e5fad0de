import { useText } from '../i18n/use-text.ts';
import { useAppStore } from '../store/store.ts';
import { Empty } from '../ui/Empty.tsx';
import { LoadProgress } from './LoadProgress.tsx';

/** No answer yet: either the model is on its way, and how far, or it is computing. */
export function Waiting() {
  const { t } = useText();
  const { current, loading } = useAppStore(state => state.model);
  if (current) return <Empty title={t.fill.stale} />;
  return (
    <Empty title={t.fill.waitingTitle}>
      <p>{t.fill.waitingBody}</p>
      {loading && <LoadProgress loading={loading} />}
    </Empty>
  );
}
