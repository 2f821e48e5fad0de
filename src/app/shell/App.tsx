import { useEffect, useRef } from 'react';
import { I18nProvider } from 'react-aria-components';
import { CodeButton } from '../code/CodeButton.tsx';
import { DeviceView } from '../device/DeviceView.tsx';
import { NoGpuView } from '../device/NoGpuView.tsx';
import { EmbedView } from '../embed/EmbedView.tsx';
import { FillView } from '../fill/FillView.tsx';
import { useText } from '../i18n/use-text.ts';
import { ClassTools } from '../lesson/ClassTools.tsx';
import { LessonPanel } from '../lesson/LessonPanel.tsx';
import { localeOf } from '../lib/format.ts';
import { ModelsView } from '../models/ModelsView.tsx';
import { ReadView } from '../read/ReadView.tsx';
import { SearchView } from '../search/SearchView.tsx';
import { useAppStore } from '../store/store.ts';
import ui from '../ui/ui.module.css';
import styles from './App.module.css';
import { Banners } from './Banners.tsx';
import { Header } from './Header.tsx';
import { type Route, useRoute } from './route.ts';
import { ShortcutsDialog } from './ShortcutsDialog.tsx';
import { useDrops } from './use-drops.ts';
import { useShortcuts } from './use-shortcuts.ts';

const views: Record<Route, () => React.ReactNode> = {
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
            <View />
            {route === 'fill' && <ClassTools />}
            {route !== 'models' && route !== 'device' && <CodeButton route={route} />}
          </>
        )}
      </main>
      <footer className={styles.footer}>
        <p>{t.footer.notice}</p>
        <p>{t.footer.privacy}</p>
        <p>{t.footer.mini}</p>
      </footer>
      <p role="status" className={ui.visuallyHidden}>
        {status}
      </p>
      <ShortcutsDialog />
    </I18nProvider>
  );
}
