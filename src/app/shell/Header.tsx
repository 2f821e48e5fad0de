import { Keyboard, Monitor, Moon, Sun } from 'lucide-react';
import { useText } from '../i18n/use-text.ts';
import { nameOf } from '../lib/engine.ts';
import { formatShare } from '../lib/format.ts';
import { changeSettings } from '../store/settings.ts';
import { useAppStore } from '../store/store.ts';
import { openShortcuts } from '../store/ui.ts';
import { Button } from '../ui/Button.tsx';
import { Segmented } from '../ui/Segmented.tsx';
import ui from '../ui/ui.module.css';
import styles from './Header.module.css';
import { hrefOf, type Route, routes } from './route.ts';

export function Header({ route }: { route: Route }) {
  const { t } = useText();
  const settings = useAppStore(state => state.settings);
  return (
    <header className={styles.header}>
      <div className={styles.headerInner}>
        <a href={hrefOf('fill')} className={styles.brand} title={t.appTagline}>
          <Mark />
          affinage
        </a>
        <nav aria-label={t.nav.label} className={styles.nav}>
          {routes.map(each => (
            <a key={each} href={hrefOf(each)} aria-current={each === route ? 'page' : undefined}>
              {t.nav[each]}
            </a>
          ))}
        </nav>
        <div className={styles.tools}>
          <ModelPill />
          <Segmented
            label={t.settings.language}
            value={settings.language}
            onChange={language => changeSettings({ language })}
            options={[
              { value: 'fr', name: 'Français', shown: 'FR' },
              { value: 'en', name: 'English', shown: 'EN' },
            ]}
          />
          <Segmented
            label={t.settings.theme}
            value={settings.theme}
            onChange={theme => changeSettings({ theme })}
            options={[
              { value: 'light', name: t.settings.light, shown: <Sun aria-hidden className={ui.icon} /> },
              { value: 'system', name: t.settings.system, shown: <Monitor aria-hidden className={ui.icon} /> },
              { value: 'dark', name: t.settings.dark, shown: <Moon aria-hidden className={ui.icon} /> },
            ]}
          />
          <Button look="quiet" icon={Keyboard} aria-label={t.settings.shortcuts} onPress={() => openShortcuts(true)} />
        </div>
      </div>
    </header>
  );
}

/** The state of the model in a word; leads to the chooser. */
function ModelPill() {
  const { t, language } = useText();
  const { current, choice, loading, trouble, report } = useAppStore(state => state.model);
  const [state, text] = (() => {
    if (loading) return ['loading', t.status.loading(shorten(nameOf(loading.choice)))] as const;
    if (trouble) return ['failed', t.status.lost] as const;
    if (current && choice) return ['ready', shorten(report?.name ?? nameOf(choice))] as const;
    return ['failed', t.status.failed] as const;
  })();
  const share = loading?.overall ?? null;
  const software = state === 'ready' && report?.adapter.software;
  return (
    <a href={hrefOf('models')} className={styles.pill}>
      <i className={styles.dot} data-state={state} />
      {state === 'ready' && <span className={ui.visuallyHidden}>{t.status.modelPill} </span>}
      <span>
        {text}
        {state === 'ready' && report ? ` · ${report.dtype}` : ''}
        {software ? ` · ${t.status.software}` : ''}
      </span>
      {share !== null && <b>{formatShare(share, language)}</b>}
    </a>
  );
}

/** The last part of an id or address is what tells models apart. */
const shorten = (name: string): string => name.split('/').filter(Boolean).at(-1) ?? name;

function Mark() {
  return (
    <svg aria-hidden="true" viewBox="0 0 32 32" fill="none" strokeLinecap="round" strokeWidth="2.6">
      <rect x="1.5" y="1.5" width="29" height="29" rx="7" fill="var(--accent)" />
      <path d="M8 10.5h16M8 22h10" stroke="var(--on-accent)" />
      <rect x="13.2" y="13.6" width="11.5" height="5" rx="1.6" fill="var(--on-accent)" />
      <path d="M8 16.2h1.6" stroke="var(--on-accent)" />
    </svg>
  );
}
