import { RefreshCw, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useText } from '../i18n/use-text.ts';
import { formatBytes } from '../lib/format.ts';
import { announce } from '../store/ui.ts';
import { Button } from '../ui/Button.tsx';
import { Confirm } from '../ui/Confirm.tsx';
import { classes } from '../ui/class-names.ts';
import { Toggle } from '../ui/Toggle.tsx';
import ui from '../ui/ui.module.css';
import { deleteMine, type Remains } from './delete-mine.ts';
import type { Stored } from './stored.ts';

interface DeleteMineProps {
  stored: readonly Stored[] | null;
  /** Called when the deletion has ended, to measure again. */
  onDeleted: () => Promise<void>;
}

/** One action that deletes everything of the reader's, after a question; then says what is gone and what is not. */
export function DeleteMine({ stored, onDeleted }: DeleteMineProps) {
  const { t, language } = useText();
  const words = t.private.remove;
  const [asking, setAsking] = useState(false);
  const [models, setModels] = useState(false);
  const [offline, setOffline] = useState(false);
  const [state, setState] = useState<'before' | 'busy' | { remains: Remains[] }>('before');
  const modelBytes = stored?.find(({ kind }) => kind === 'models')?.bytes ?? 0;
  const offlineBytes = stored?.find(({ kind }) => kind === 'offline')?.bytes ?? 0;

  const go = async () => {
    setAsking(false);
    setState('busy');
    const refused = new Set(stored?.filter(part => part.refused).map(({ kind }) => kind));
    const remains = await deleteMine({ models, offline }, refused);
    await onDeleted();
    setState({ remains });
    announce(remains.length === 0 ? words.done : words.partly);
  };

  return (
    <div>
      {typeof state === 'object' && (
        <div className={classes(ui.notice, state.remains.length > 0 && ui.warn)}>
          <p>{state.remains.length > 0 ? words.partly : words.done}</p>
          {state.remains.map(({ kind, why }) => (
            <p key={kind}>
              {t.private.stored.kinds[kind]} : <span lang="en">{why}</span>
            </p>
          ))}
          <div className={ui.noticeActions}>
            <Button icon={RefreshCw} onPress={() => location.reload()}>
              {words.reload}
            </Button>
          </div>
        </div>
      )}
      <Button icon={Trash2} isDisabled={stored === null || state === 'busy'} onPress={() => setAsking(true)}>
        {state === 'busy' ? words.busy : words.button}
      </Button>
      <Confirm
        isOpen={asking}
        title={words.title}
        onClose={() => setAsking(false)}
        actions={
          <>
            <Button onPress={() => setAsking(false)}>{words.cancel}</Button>
            <Button look="primary" icon={Trash2} onPress={() => void go()}>
              {words.confirm}
            </Button>
          </>
        }
      >
        <p>{words.body}</p>
        {modelBytes > 0 && <Toggle label={words.models(formatBytes(modelBytes, language))} isOn={models} onChange={setModels} />}
        {offlineBytes > 0 && <Toggle label={words.offline} isOn={offline} onChange={setOffline} />}
      </Confirm>
    </div>
  );
}
