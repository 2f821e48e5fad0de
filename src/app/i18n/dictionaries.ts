import type { Language } from '../lib/format.ts';
import { type Dictionary, en } from './en.ts';
import { fr } from './fr.ts';
import { typeset, typesetEnglish, typesetFrench } from './typeset.ts';

export type { Dictionary } from './en.ts';

const dictionaries: Record<Language, Dictionary> = { en: typeset(en, typesetEnglish), fr: typeset<Dictionary>(fr, typesetFrench) };

export const dictionaryOf = (language: Language): Dictionary => dictionaries[language];

/** Headline and remedy of an error class, in the reader's language. */
export function errorText(t: Dictionary, name: string): { title: string; remedy: string } {
  const names: Record<string, { title: string; remedy: string }> = t.errors.names;
  return (Object.hasOwn(names, name) ? names[name] : undefined) ?? t.errors.names.Error;
}
