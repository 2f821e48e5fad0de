/** The sheet of the fill-mask view and its answers, as component tests find them. */
import { fireEvent, screen, within } from '@testing-library/react';

/** The best words of a mask, from 1. */
export const list = (n: number) => screen.findByRole('listbox', { name: `Prédictions pour le masque ${n}` });
export const options = async (n: number) => within(await list(n)).getAllByRole('option');
/** With plain blanks. */
export const plain = (shown: string | null | undefined) => (shown ?? '').replace(/\s/g, ' ');
/** The sheet in its other state. */
const turnTo = (state: 'Écrire' | 'Masquer des mots') => fireEvent.click(screen.getByRole('radio', { name: state }));
/** The field, which is there while the text is written. */
export const field = () => {
  if (!screen.queryByRole('textbox', { name: 'Texte' })) turnTo('Écrire');
  return screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Texte' });
};
/** The text as it stands on the sheet, with the model's words in it. */
export const sheet = () => {
  const shown = screen.getByRole('toolbar', { name: 'Mots' }).cloneNode(true) as HTMLElement;
  for (const spoken of shown.querySelectorAll('[class*=visuallyHidden]')) spoken.remove();
  return plain(shown.textContent);
};
