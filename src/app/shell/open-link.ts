/** Opens a link that holds a text or a lesson: it goes into the sheet and leaves the address. */
import { setText } from '../fill/fill.ts';
import { dictionaryOf } from '../i18n/dictionaries.ts';
import { openLesson } from '../lesson/lesson.ts';
import { isTextLink, readLink } from '../share/link.ts';
import { appState, patch, useAppStore } from '../store/store.ts';

/**
 * Takes the text out of the address, when the page opens and whenever the address changes. What stood in the sheet can be had back by undoing.
 * Of a link that cannot be read the address is cleaned too, and `ui.badLink` says why. Returns a function that stops it.
 */
export function watchLinks(): () => void {
  const onChange = () => void openLink();
  onChange();
  addEventListener('hashchange', onChange);
  return () => removeEventListener('hashchange', onChange);
}

async function openLink(): Promise<void> {
  const { hash } = location;
  if (!isTextLink(hash)) return;
  // At once, so that neither a reload nor a bookmark keeps the text; the view stays the same.
  history.replaceState(history.state, '', '#/fill');
  const content = await readLink(hash);
  if ('problem' in content) {
    patch('ui', { badLink: content.problem });
    return;
  }
  patch('ui', { badLink: null });
  if (content.what === 'lesson')
    whenModelRuns(() => void openLesson(dictionaryOf(appState().settings.language).lesson.fromLink, content.text));
  else if (content.text !== appState().fill.text) setText(content.text, 'link');
}

/** A link opens the page, whose model is then still on its way. */
function whenModelRuns(does: () => void): void {
  if (appState().model.current) {
    does();
    return;
  }
  const stop = useAppStore.subscribe(({ model }) => {
    if (!model.current) return;
    stop();
    does();
  });
}
