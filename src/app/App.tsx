import { useEffect, useRef } from 'react';
import { I18nProvider } from 'react-aria-components';
import styles from './App.module.css';
import { Banners } from './Banners.tsx';
import { Header } from './Header.tsx';
import { useText } from './i18n/use-text.ts';
import { localeOf } from './lib/format.ts';
import { type Route, useRoute } from './lib/route.ts';
import { ShortcutsDialog } from './ShortcutsDialog.tsx';
import { useAppStore } from './store/store.ts';
import ui from './ui/ui.module.css';
import { useDrops } from './use-drops.ts';
import { useShortcuts } from './use-shortcuts.ts';
import { DeviceView } from './views/DeviceView.tsx';
import { EmbedView } from './views/EmbedView.tsx';
import { FillView } from './views/FillView.tsx';
import { ModelsView } from './views/ModelsView.tsx';
import { NoGpuView } from './views/NoGpuView.tsx';

const views: Record<Route, () => React.ReactNode> = { fill: FillView, embed: EmbedView, models: ModelsView, device: DeviceView };

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
            <View />
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
