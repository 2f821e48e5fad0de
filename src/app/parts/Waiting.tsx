import { RefreshCw } from 'lucide-react';
import { useText } from '../i18n/use-text.ts';
import { reloadModel } from '../store/model.ts';
import { useAppStore } from '../store/store.ts';
import { Button } from '../ui/Button.tsx';
import { Empty } from '../ui/Empty.tsx';
import { LoadProgress } from './LoadProgress.tsx';

/** No answer yet: either the model is on its way, and how far, or it is computing. */
export function Waiting() {
  const { t } = useText();
  const { current, loading } = useAppStore(state => state.model);
  if (current) return <Empty title={t.fill.stale} />;
  if (!loading) {
    return (
      <Empty title={t.status.failed}>
        <Button look="primary" icon={RefreshCw} onPress={() => void reloadModel()}>
          {t.models.reload}
        </Button>
      </Empty>
    );
  }
  return (
    <Empty title={t.fill.waitingTitle}>
      <p>{t.fill.waitingBody}</p>
      <LoadProgress loading={loading} />
    </Empty>
  );
}
