import type { CheckError, DeviceCheck, KernelCheck, ModelCheck, VariantCheck } from '../../verify/types.ts';
import { useText } from '../i18n/use-text.ts';
import { formatNumber, formatProbability, formatScientific } from '../lib/format.ts';
import { classes } from '../ui/class-names.ts';
import ui from '../ui/ui.module.css';
import styles from './Check.module.css';
import panel from './panel.module.css';

/** The model against its reference, then kernel by kernel. */
export function CheckTables({ result }: { result: DeviceCheck }) {
  const { t } = useText();
  return (
    <>
      {result.models.map(model => (
        <ModelFacts key={model.dtype + model.storage} model={model} />
      ))}
      {result.kernels.length > 0 && (
        <div>
          <h3>{t.check.kernels}</h3>
          <p className={ui.hint}>{t.check.kernelsBody}</p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard. */}
          <section className={panel.scroll} tabIndex={0} aria-label={t.check.kernels}>
            <table className={classes(panel.variants, styles.kernels)}>
              <thead>
                <tr>
                  <th scope="col">{t.check.kernel}</th>
                  <th scope="col">{t.check.outcome}</th>
                  <th scope="col">{t.check.cases}</th>
                  <th scope="col">{t.check.error}</th>
                  <th scope="col">{t.check.bound}</th>
                  <th scope="col">{t.check.variants}</th>
                </tr>
              </thead>
              <tbody>
                {result.kernels.map(kernel => (
                  <KernelRow key={kernel.kernel} kernel={kernel} />
                ))}
              </tbody>
            </table>
          </section>
        </div>
      )}
    </>
  );
}

function KernelRow({ kernel }: { kernel: KernelCheck }) {
  const { t, language } = useText();
  const tried = kernel.variants.filter(variant => variant.outcome !== 'skipped');
  const skipped = kernel.variants.length - tried.length;
  return (
    <tr>
      <th scope="row" lang="en">
        {kernel.kernel}
      </th>
      <td data-wrong={!kernel.passed || undefined}>
        {kernel.passed && tried.length === 0 ? t.check.notRun : t.check.outcomes[kernel.passed ? 'passed' : 'failed']}
      </td>
      <td>{formatNumber(kernel.cases, language)}</td>
      <td>{kernel.worst ? <ErrorText error={kernel.worst} /> : '–'}</td>
      <td>{kernel.worst ? formatScientific(kernel.worst.bound, language) : '–'}</td>
      <td>
        <ul>
          {tried.map(variant => (
            <VariantItem key={variant.variant + variant.storage} variant={variant} />
          ))}
        </ul>
        {skipped > 0 && (
          <details className={styles.skipped}>
            <summary>{t.check.notRunCount(formatNumber(skipped, language))}</summary>
            <ul>
              {kernel.variants
                .filter(variant => variant.outcome === 'skipped')
                .map(variant => (
                  <VariantItem key={variant.variant + variant.storage} variant={variant} />
                ))}
            </ul>
          </details>
        )}
      </td>
    </tr>
  );
}

function VariantItem({ variant: { variant, storage, outcome, reason, failures, notes } }: { variant: VariantCheck }) {
  const { t } = useText();
  return (
    <li data-refused={outcome === 'failed' || outcome === 'avoided' || undefined}>
      <span lang="en" className={styles.variant}>
        {variant} {storage}
      </span>{' '}
      <span>{t.check.outcomes[outcome]}</span>
      {reason && (
        <span lang="en" className={styles.reason}>
          {' '}
          {reason}
        </span>
      )}
      {failures.map(failure => (
        <span key={failure.case} lang="en" className={styles.why}>
          {failure.case}: {failure.why}
        </span>
      ))}
      {notes.map(note => (
        <span key={note.case} className={styles.why}>
          {t.check.doesNotCount}{' '}
          <span lang="en">
            {note.case}: {note.why}
          </span>
        </span>
      ))}
    </li>
  );
}

function ErrorText({ error }: { error: CheckError }) {
  const { t, language } = useText();
  return error.nmse === null ? t.check.notFinite : formatScientific(error.nmse, language);
}

function ModelFacts({ model }: { model: ModelCheck }) {
  const { t, language } = useText();
  const n = (value: number) => formatNumber(value, language);
  const rows: [string, React.ReactNode][] = [
    [t.check.modelName, `${model.model} · ${model.dtype} · ${model.storage}`],
    [t.check.tokens, model.tokensEqual ? t.check.tokensEqual : t.check.tokensDiffer],
    [t.check.top1, t.check.ofMasks(n(model.top1), n(model.masks))],
    [t.check.top5, t.check.ofMasks(n(model.top5), n(model.masks))],
    [t.check.agreement, formatProbability(model.top5Agreement, language)],
    [t.check.probabilities, <ErrorText key="p" error={model.probabilities} />],
    [t.check.embeddings, <ErrorText key="e" error={model.embeddings} />],
  ];
  return (
    <div>
      <h3>{t.check.modelTitle}</h3>
      <dl className={classes(panel.facts, styles.facts)}>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {model.failures.length > 0 && (
        <ul className={styles.failures} lang="en">
          {model.failures.map(failure => (
            <li key={failure.case}>
              {failure.case}: {failure.why}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
