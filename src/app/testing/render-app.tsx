/** The whole page around a fake host, from its first state. */
import { render } from '@testing-library/react';
// The views that the page fetches when they are opened: here they are there at once.
import '../device/DeviceView.tsx';
import '../embed/EmbedView.tsx';
import { beginWith } from '../fill/fill.ts';
import { type ModelHost, setModelHost } from '../lib/engine.ts';
import '../models/ModelsView.tsx';
import '../read/ReadView.tsx';
import '../search/SearchView.tsx';
import { App } from '../shell/App.tsx';
import { watch } from '../shell/live.ts';
import { loadModel } from '../store/model.ts';
import { changeSettings } from '../store/settings.ts';
import { initialState } from '../store/state.ts';
import { useAppStore } from '../store/store.ts';

/** Renders the page in French on `hash` with mini loading. Returns a function that stops watching. */
export function renderApp(host: ModelHost, { hash = '#/fill', text = '' } = {}): () => void {
  localStorage.clear();
  location.hash = hash;
  useAppStore.setState(initialState(), true);
  changeSettings({ language: 'fr' });
  setModelHost(host);
  const stop = watch();
  beginWith(text);
  void loadModel({ kind: 'mini' });
  render(<App />);
  return stop;
}
