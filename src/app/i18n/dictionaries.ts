import type { Language } from '../lib/format.ts';
import { type Dictionary, en } from './en.ts';
import { fr } from './fr.ts';
import { typeset, typesetEnglish, typesetFrench } from './typeset.ts';

export type { Dictionary } from './en.ts';

const dictionaries: Record<Language, Dictionary> = { en: typeset(en, typesetEnglish), fr: typeset<Dictionary>(fr, typesetFrench) };

export const dictionaryOf = (language: Language): Dictionary => dictionaries[language];
