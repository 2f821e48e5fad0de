import type { VariantReport } from '../../types.ts';
import { useText } from '../i18n/use-text.ts';
import { formatAbout } from '../lib/format.ts';
import { classes } from '../ui/class-names.ts';
import ui from '../ui/ui.module.css';
import panel from './panel.module.css';
import styles from './Variants.module.css';

/** Which form of each kernel runs here, and why. */
export function Variants({ variants }: { variants: VariantReport[] }) {
  const { t, language } = useText();
  return (
    <section aria-labelledby="variants" className={classes(ui.sheet, panel.panel)}>
      <h2 id="variants">{t.device.variants}</h2>
      <p className={ui.hint}>{variants.length === 0 ? t.device.noVariants : t.device.variantsBody}</p>
      {variants.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
        <section className={panel.scroll} tabIndex={0} aria-label={t.device.candidates}>
          <table className={panel.variants}>
            <thead>
              <tr>
                <th scope="col">{t.device.task}</th>
                <th scope="col">{t.device.chosen}</th>
                <th scope="col">{t.device.candidates}</th>
              </tr>
            </thead>
            <tbody lang="en">
              {variants.map(variant => (
                <tr key={variant.task}>
                  <th scope="row">{variant.task}</th>
                  <td>
                    <strong>{variant.chosen}</strong>
                    {variant.remembered && (
                      <small lang={language} className={styles.remembered}>
                        {t.device.remembered}
                      </small>
                    )}
                  </td>
                  <td>
                    <ul>
                      {variant.candidates.map(({ variant: name, ms, refused }) => (
                        <li key={name} data-refused={refused !== undefined || undefined}>
                          {name}{' '}
                          <span lang={language}>
                            {refused !== undefined
                              ? t.device.refused(refused)
                              : ms === null
                                ? t.device.unmeasured
                                : formatAbout(ms, language)}
                          </span>
                        </li>
                      ))}
                    </ul>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </section>
  );
}
