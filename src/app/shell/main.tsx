import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { beginWith } from '../fill/fill.ts';
import { setModelHost } from '../lib/engine.ts';
import { fillExamples } from '../lib/examples.ts';
import { watchPageRequests } from '../lib/requests.ts';
import { refusedStorages } from '../privacy/stored.ts';
import { restoreText, watchText } from '../store/keep-text.ts';
import { refreshLibrary } from '../store/library.ts';
import { loadModel } from '../store/model.ts';
import { readSettings } from '../store/settings.ts';
import { appState, patch } from '../store/store.ts';
import { App } from './App.tsx';
import { Crash } from './Crash.tsx';
import { clientHost } from './client-host.ts';
import { watch } from './live.ts';
import { watchLinks } from './open-link.ts';
import { registerOffline } from './pwa.ts';
import './theme.css';

setModelHost(clientHost);
watchPageRequests();
readSettings();
void refusedStorages().then(refused => refused.length > 0 && patch('ui', { refused }));
watch();
if (!restoreText()) beginWith(fillExamples[0]?.text ?? '');
watchText();
watchLinks();
void loadModel({ kind: 'mini' }).then(() => {
  // The library has a worker of its own: it starts only for a page that has something to ask it.
  const { unfinished, lastKept } = appState().settings;
  if (unfinished || lastKept) return refreshLibrary();
});
void registerOffline();

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element #root.');
createRoot(root).render(
  <StrictMode>
    <Crash>
      <App />
    </Crash>
  </StrictMode>,
);
