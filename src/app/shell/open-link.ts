/** Opens a link that holds a text: the text goes into the sheet and leaves the address. */
import { setText } from '../fill/fill.ts';
import { isTextLink, readLink } from '../share/link.ts';
import { appState, patch } from '../store/store.ts';

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
  if (content.text !== appState().fill.text) setText(content.text, 'link');
}
