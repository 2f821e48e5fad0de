import { lazy, Suspense, useEffect, useRef } from 'react';
import { I18nProvider } from 'react-aria-components';
import { CodeButton } from '../code/CodeButton.tsx';
import { NoGpuView } from '../device/NoGpuView.tsx';
import { FillView } from '../fill/FillView.tsx';
import { useText } from '../i18n/use-text.ts';
import { ClassTools } from '../lesson/ClassTools.tsx';
import { LessonPanel } from '../lesson/LessonPanel.tsx';
import { localeOf } from '../lib/format.ts';
import { PrivacyButton } from '../privacy/PrivacyButton.tsx';
import { useAppStore } from '../store/store.ts';
import ui from '../ui/ui.module.css';
import styles from './App.module.css';
import { Banners } from './Banners.tsx';
import { Header } from './Header.tsx';
import { type Route, useRoute } from './route.ts';
import { ShortcutsDialog } from './ShortcutsDialog.tsx';
import { useDrops } from './use-drops.ts';
import { useShortcuts } from './use-shortcuts.ts';

/** Fetched when they are first opened: what every visit loads stays small (e2e/budget.spec.ts). */
const ReadView = lazy(() => import('../read/ReadView.tsx').then(({ ReadView: view }) => ({ default: view })));
const EmbedView = lazy(() => import('../embed/EmbedView.tsx').then(({ EmbedView: view }) => ({ default: view })));
const ModelsView = lazy(() => import('../models/ModelsView.tsx').then(({ ModelsView: view }) => ({ default: view })));
const DeviceView = lazy(() => import('../device/DeviceView.tsx').then(({ DeviceView: view }) => ({ default: view })));
const SearchView = lazy(() => import('../search/SearchView.tsx').then(({ SearchView: view }) => ({ default: view })));

const views: Record<Route, React.ComponentType> = {
  fill: FillView,
  read: ReadView,
  search: SearchView,
  embed: EmbedView,
  models: ModelsView,
  device: DeviceView,
};

export function App() {
  const { t, language } = useText();
  const route = useRoute();
  const status = useAppStore(state => state.ui.status);
  const noGpu = useAppStore(state => state.model.current === null && state.model.loadError?.name === 'NoAdapterError');
  const title = useRef<HTMLHeadingElement>(null);
  const first = useRef(true);
  useShortcuts();
  useDrops();

  useEffect(() => {
    document.title = `${t.titles[route]} · affinage`;
  }, [t, route]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new view is announced by moving to its title; the first one is not.
  useEffect(() => {
    if (first.current) first.current = false;
    else title.current?.focus();
  }, [route]);

  const View = views[route];
  return (
    <I18nProvider locale={localeOf(language)}>
      <button type="button" className={styles.skip} onClick={() => title.current?.focus()}>
        {t.skipToContent}
      </button>
      <Header route={route} />
      <main className={styles.main}>
        <Banners />
        {noGpu ? (
          <NoGpuView ref={title} />
        ) : (
          <>
            <div className={styles.title}>
              <h1 ref={title} tabIndex={-1}>
                {t.titles[route]}
              </h1>
              <p>{t.intro[route]}</p>
            </div>
            {route === 'fill' && <LessonPanel />}
            <Suspense fallback={<div className={styles.coming} />}>
              <View />
            </Suspense>
            {route === 'fill' && <ClassTools />}
            {route !== 'models' && route !== 'device' && <CodeButton route={route} />}
          </>
        )}
      </main>
      <footer className={styles.footer}>
        <p>{t.footer.notice}</p>
        <p>{t.footer.privacy}</p>
        <p>{t.footer.mini}</p>
        <div className={styles.privacy}>
          <PrivacyButton />
        </div>
      </footer>
      <p role="status" className={ui.visuallyHidden}>
        {status}
      </p>
      <ShortcutsDialog />
    </I18nProvider>
  );
}
