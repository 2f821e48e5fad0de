import { RotateCw } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ModelReport } from '../../types.ts';
import { useText } from '../i18n/use-text.ts';
import { formatBytes, formatDuration, formatNumber } from '../lib/format.ts';
import { LoadProgress } from '../parts/LoadProgress.tsx';
import { refreshReport } from '../store/model.ts';
import { useAppStore } from '../store/store.ts';
import { Button } from '../ui/Button.tsx';
import { CopyButton } from '../ui/CopyButton.tsx';
import { classes } from '../ui/class-names.ts';
import { Empty } from '../ui/Empty.tsx';
import ui from '../ui/ui.module.css';
import { CheckPanel } from './CheckPanel.tsx';
import styles from './DeviceView.module.css';
import panel from './panel.module.css';
import { Variants } from './Variants.tsx';

/** What computes, with which precision, memory and times. */
export function DeviceView() {
  const { t } = useText();
  const { report, loading } = useAppStore(state => state.model);
  return (
    <div className={styles.device}>
      {report ? (
        <>
          {report.adapter.software && <p className={classes(ui.notice, ui.warn)}>{t.device.softwareBody}</p>}
          <div className={panel.panels}>
            <AdapterPanel report={report} />
            <ModelPanel report={report} />
            <div className={styles.stack}>
              <MemoryPanel report={report} />
              <TimesPanel report={report} />
            </div>
          </div>
        </>
      ) : (
        <Empty title={t.fill.waitingTitle}>
          <p>{t.device.waiting}</p>
          {loading && <LoadProgress loading={loading} />}
        </Empty>
      )}
      {/* Always at the same place: a model that gets ready meanwhile must not take it from under a press. */}
      <CheckPanel />
      {report && (
        <>
          <Variants variants={report.variants} />
          <Limits limits={report.adapter.limits} />
          <div className={panel.foot}>
            <CopyButton look="plain" label={t.device.copy} text={() => JSON.stringify({ page: navigator.userAgent, ...report }, null, 2)} />
            <Button look="quiet" icon={RotateCw} onPress={() => void refreshReport()}>
              {t.device.refresh}
            </Button>
          </div>
        </>
      )}
    </div>
  );
}

function Panel({ id, title, rows, children }: { id: string; title: string; rows: [string, ReactNode][]; children?: ReactNode }) {
  return (
    <section aria-labelledby={id} className={classes(ui.sheet, panel.panel)}>
      <h2 id={id}>{title}</h2>
      <dl className={panel.facts}>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {children}
    </section>
  );
}

function AdapterPanel({ report: { adapter } }: { report: ModelReport }) {
  const { t } = useText();
  const yes = (has: boolean) => (has ? t.device.yes : t.device.no);
  const { shaderF16, subgroups, timestampQuery } = adapter.features;
  return (
    <Panel
      id="adapter"
      title={t.device.adapter}
      rows={[
        [t.device.vendor, adapter.vendor || '–'],
        [t.device.architecture, adapter.architecture || '–'],
        [t.device.description, adapter.description || '–'],
        [t.device.kind, adapter.software ? t.device.software : t.device.hardware],
        ['shader-f16', yes(shaderF16)],
        ['subgroups', yes(subgroups)],
        ['timestamp-query', yes(timestampQuery)],
        [t.device.subgroupSize, adapter.subgroupSize ? [...new Set([adapter.subgroupSize.min, adapter.subgroupSize.max])].join('–') : '–'],
      ]}
    />
  );
}

function ModelPanel({ report }: { report: ModelReport }) {
  const { t, language } = useText();
  const { layers, hidden, heads, vocab, context, parameters } = report.architecture;
  const n = (value: number) => formatNumber(value, language);
  return (
    <Panel
      id="model"
      title={t.device.model}
      rows={[
        [t.device.model, report.name],
        [t.device.parameters, n(parameters)],
        [t.device.layers, n(layers)],
        [t.device.hidden, n(hidden)],
        [t.device.heads, n(heads)],
        [t.device.vocab, n(vocab)],
        [t.device.context, t.device.tokens(n(context))],
        [t.device.weights, report.dtype],
        [t.device.storage, report.storage],
      ]}
    >
      <p className={ui.hint}>
        {report.storage === 'f32' && !report.adapter.features.shaderF16 ? `${t.device.noF16} ` : ''}
        {t.device.storageBody}
      </p>
      {report.notes.length > 0 && (
        <>
          <h3>{t.device.notes}</h3>
          <ul lang="en" className={ui.hint}>
            {report.notes.map(note => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </>
      )}
    </Panel>
  );
}

function MemoryPanel({ report: { gpuBytes } }: { report: ModelReport }) {
  const { t, language } = useText();
  const size = (bytes: number) => formatBytes(bytes, language);
  return (
    <Panel
      id="memory"
      title={t.device.memory}
      rows={[
        [t.device.memWeights, size(gpuBytes.weights)],
        [t.device.memActivations, size(gpuBytes.activations)],
        [t.device.memTotal, size(gpuBytes.total)],
        [t.device.memPeak, size(gpuBytes.peak)],
      ]}
    />
  );
}

function TimesPanel({ report: { times } }: { report: ModelReport }) {
  const { t, language } = useText();
  const time = (ms: number) => formatDuration(ms, language);
  const tokens = times.lastTokens === null ? '' : ` · ${t.device.tokens(formatNumber(times.lastTokens, language))}`;
  return (
    <Panel
      id="times"
      title={t.device.times}
      rows={[
        [t.device.load, time(times.loadMs)],
        [t.device.compile, time(times.compileMs)],
        [t.device.tune, time(times.tuneMs)],
        [t.device.lastRun, times.lastRunMs === null ? t.device.none : `${time(times.lastRunMs)}${tokens}`],
      ]}
    />
  );
}

function Limits({ limits }: { limits: Record<string, number> }) {
  const { t, language } = useText();
  return (
    <details className={classes(ui.sheet, panel.panel)}>
      <summary>{t.device.limits}</summary>
      <dl className={panel.facts} lang="en">
        {Object.entries(limits).map(([name, value]) => (
          <div key={name}>
            <dt>
              <code>{name}</code>
            </dt>
            <dd>{formatNumber(value, language)}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
