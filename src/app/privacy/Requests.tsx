import { ArrowUpRight, Check } from 'lucide-react';
import { useSyncExternalStore } from 'react';
import { useText } from '../i18n/use-text.ts';
import { formatNumber } from '../lib/format.ts';
import { MOST_LISTED, onRequests, type Requested, requestLog } from '../lib/requests.ts';
import ui from '../ui/ui.module.css';
import styles from './Privacy.module.css';

/** What the page has asked for since it was opened, as it happens: counts, and every address. */
export function Requests() {
  const { t, language } = useText();
  const { list, own, other } = useSyncExternalStore(onRequests, requestLog);
  const count = (value: number) => formatNumber(value, language);
  const words = t.private.requests;
  return (
    <section aria-labelledby="privacy-requests">
      <h3 id="privacy-requests">{words.title}</h3>
      <ul className={styles.counts}>
        <li>{words.own(count(own))}</li>
        <li data-other={other > 0 || undefined}>{words.other(count(other))}</li>
      </ul>
      <p className={styles.verdict}>
        {other > 0 ? <ArrowUpRight aria-hidden className={ui.icon} /> : <Check aria-hidden className={ui.icon} />}
        {other > 0 ? words.some : words.none}
      </p>
      <details className={styles.list}>
        <summary>
          {words.list} ({count(list.length)})
        </summary>
        {/* The table scrolls in its own frame, also by key. */}
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: see above. */}
        <section className={styles.frame} tabIndex={0} aria-label={words.list}>
          <table>
            <thead>
              <tr>
                <th scope="col">{words.address}</th>
                <th scope="col">{words.by}</th>
                <th scope="col">{words.times}</th>
              </tr>
            </thead>
            <tbody>
              {[...list]
                .sort((a, b) => Number(a.own) - Number(b.own))
                .map(each => (
                  <tr key={each.from + each.address}>
                    <td>
                      {shownAddress(each)}
                      {!each.own && <b> · {words.elsewhere}</b>}
                    </td>
                    <td>{words.from[each.from]}</td>
                    <td>{count(each.count)}</td>
                  </tr>
                ))}
            </tbody>
          </table>
        </section>
        {list.length >= MOST_LISTED && <p className={ui.hint}>{words.more(count(MOST_LISTED))}</p>}
        <p className={ui.hint}>{words.offline}</p>
      </details>
    </section>
  );
}

/** An own address from the page's folder on, another whole. */
function shownAddress({ address, own }: Requested): string {
  if (!own) return address;
  const here = new URL('./', document.baseURI).href;
  return address.startsWith(here) ? `./${decoded(address.slice(here.length))}` : address;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
