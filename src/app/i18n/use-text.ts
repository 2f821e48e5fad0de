import type { Language } from '../lib/format.ts';
import { useAppStore } from '../store/store.ts';
import { type Dictionary, dictionaryOf } from './dictionaries.ts';

/** The strings of the chosen language, and the language itself for numbers. */
export function useText(): { t: Dictionary; language: Language } {
  const language = useAppStore(state => state.settings.language);
  return { t: dictionaryOf(language), language };
}
