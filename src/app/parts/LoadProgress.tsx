import { Pause, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { Progress } from '../../types.ts';
import type { Dictionary } from '../i18n/dictionaries.ts';
import { useText } from '../i18n/use-text.ts';
import { isFetched, nameOf } from '../lib/engine.ts';
import { formatBytes, formatRemaining, formatShare, type Language } from '../lib/format.ts';
import { PUBLIC_HUB } from '../lib/hub.ts';
import { keptDtype } from '../lib/kept.ts';
import type { Rate } from '../lib/rate.ts';
import { canPause, stopLoading } from '../store/model.ts';
import type { Loading } from '../store/state.ts';
import { useAppStore } from '../store/store.ts';
import { announce } from '../store/ui.ts';
import { Bar } from '../ui/Bar.tsx';
import { Button } from '../ui/Button.tsx';
import { Confirm } from '../ui/Confirm.tsx';
import { classes } from '../ui/class-names.ts';
import ui from '../ui/ui.module.css';
import progressing from './progress.module.css';

/** One bar for the whole way of a model, with what can be told of it: stage, bytes, speed, time left. */
export function LoadProgress({ loading }: { loading: Loading }) {
  const { t, language } = useText();
  const { progress, rate, choice, overall, dtype, notice, stopping } = loading;
  const [asking, setAsking] = useState(false);
  const title = stopping ? t.models.stopping : stageTitle(t, progress, keptDtype(dtype));
  const pausable = canPause();
  const stop = (discard: boolean) => {
    setAsking(false);
    void stopLoading({ discard });
  };
  return (
    <div className={classes(ui.sheet, progressing.progress)}>
      <Bar title={title} name={nameOf(choice)} share={overall} />
      {notice !== null && !stopping && <Notice text={notice} />}
      {!stopping && <Silence loading={loading} />}
      <div className={progressing.progressFoot}>
        <span className={progressing.progressFacts}>
          {overall !== null && <strong>{formatShare(overall, language)}</strong>}
          {facts(t, language, progress, rate).map(fact => (
            <span key={fact}>{fact}</span>
          ))}
        </span>
        <span className={progressing.progressActions}>
          {pausable && (
            <Button look="quiet" icon={Pause} isDisabled={stopping} onPress={() => void stopLoading()}>
              {t.models.pause}
            </Button>
          )}
          <Button look="quiet" icon={X} isDisabled={stopping} onPress={() => (pausable ? setAsking(true) : stop(false))}>
            {t.models.cancel}
          </Button>
        </span>
      </div>
      <Confirm
        isOpen={asking && pausable}
        title={t.models.cancelTitle}
        onClose={() => setAsking(false)}
        actions={
          <>
            <Button look="quiet" onPress={() => setAsking(false)}>
              {t.models.cancelGoOn}
            </Button>
            <Button onPress={() => stop(true)}>{t.models.cancelDiscard}</Button>
            <Button look="primary" onPress={() => stop(false)}>
              {t.models.cancelKeep}
            </Button>
          </>
        }
      >
        <p>{t.models.cancelBody}</p>
      </Confirm>
    </div>
  );
}

/** If nothing moves for this long (ms), the page says which host it waits for. */
const SILENT_S = 10;

/** A host that does not answer: which, since when, and what to try. The button to cancel stands below. */
function Silence({ loading: { choice, progress, movedAt } }: { loading: Loading }) {
  const { t, language } = useText();
  const hub = useAppStore(state => state.settings.hubUrl) || PUBLIC_HUB;
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.floor((now - movedAt) / 1000);
  // The other stages run on this machine and may take long.
  const silent = isFetched(choice) && (progress === null || progress.stage === 'download') && seconds >= SILENT_S;
  const address = choice.kind === 'url' ? choice.address : hub;
  const said = t.page.hub.silent(URL.canParse(address) ? new URL(address).host : address, formatRemaining(seconds, language));
  const latest = useRef(said);
  latest.current = said;
  // Read out once, not at each second.
  useEffect(() => {
    if (silent) announce(latest.current);
  }, [silent]);
  if (!silent) return null;
  return (
    <p className={classes(ui.notice, ui.warn)}>
      <strong>{said}</strong> {t.page.hub.silentRemedy}
    </p>
  );
}

/** The engine's newest message: the usual ones in the user's language, others as the engine writes them. */
function Notice({ text }: { text: string }) {
  const { t, language } = useText();
  const seconds = /^waiting (\d+) s/.exec(text)?.[1];
  if (/another tab/.test(text)) return <p className={progressing.progressNotice}>{t.models.otherTab}</p>;
  if (seconds) return <p className={progressing.progressNotice}>{t.models.waiting(formatRemaining(Number(seconds), language))}</p>;
  return (
    <p lang="en" className={progressing.progressNotice}>
      {text}
    </p>
  );
}

/** What is being done, in the user's language; there is a general text for a stage that this page does not know. */
function stageTitle(t: Dictionary, progress: Progress | null, dtype: string): string {
  switch (progress?.stage) {
    case 'quantize':
      return t.models.quantize(dtype);
    case 'download':
    case 'verify':
    case 'compile':
    case 'tune':
    case 'check':
      return t.models[progress.stage];
    case 'files':
      return t.models.progress;
    default:
      return t.models.working;
  }
}

/** What can be told of a stage: bytes, speed and time left; or the item at hand. */
export function facts(t: Dictionary, language: Language, progress: Progress | null, rate: Rate | null): string[] {
  if (!progress) return [];
  const bytes = (value: number) => formatBytes(value, language);
  const { done, total, unit, detail, stage } = progress;
  if (unit === 'bytes') {
    const fetched = stage === 'download' || stage === 'files';
    return [
      total > 0 ? t.models.read(bytes(done), bytes(total)) : done > 0 ? t.models.readUnknown(bytes(done)) : null,
      fetched && rate && rate.bytesPerSecond > 0 ? t.models.speed(bytes(rate.bytesPerSecond)) : null,
      rate?.secondsLeft != null ? t.models.left(formatRemaining(rate.secondsLeft, language)) : null,
    ].filter(fact => fact !== null);
  }
  return detail ? [detail] : [];
}
