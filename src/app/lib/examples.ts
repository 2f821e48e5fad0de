/** Sentences to start from, written for this page. No real patient. */
import type { Language } from './format.ts';

export interface Example {
  label: Record<Language, string>;
  text: string;
}

/** Whether this is an example as it stands, and nothing of the user's own. */
export const isExample = (texts: readonly string[]): boolean =>
  texts.every(text => [readExample, ...fillExamples.map(example => example.text), ...embedExample, queryExample].includes(text));

export const fillExamples: readonly Example[] = [
  { label: { fr: 'Cardiologie', en: 'Cardiology' }, text: 'Le patient présente une [MASK] aiguë du myocarde.' },
  { label: { fr: 'Pneumologie', en: 'Respiratory' }, text: 'La radiographie du thorax montre une [MASK] du lobe inférieur droit.' },
  { label: { fr: 'Médicaments', en: 'Drugs' }, text: 'Traitement par [MASK] 1 g trois fois par jour pendant sept jours.' },
  { label: { fr: 'Diabétologie', en: 'Diabetes' }, text: 'Patiente de 62 ans suivie pour un [MASK] de type 2, traitée par metformine.' },
  {
    label: { fr: 'Neurologie', en: 'Neurology' },
    text: 'Devant une hémiplégie brutale, un scanner [MASK] est réalisé en [MASK].',
  },
  {
    label: { fr: 'Courrier', en: 'Letter' },
    text: 'Cher [MASK], je vous remercie de m’avoir adressé ce patient pour une [MASK] abdominale.',
  },
];

/** The embedded model finds the drug that does not fit, in exact mode (e2e/read.spec.ts). */
export const readExample = `Patiente de 67 ans suivie pour un diabète de type 2 et une hypertension artérielle, hospitalisée pour une pneumopathie du lobe inférieur droit. La fièvre est à 39 °C, la toux est productive.

La radiographie du thorax montre un foyer du lobe inférieur droit. Le traitement associe amoxicilline 1 g trois fois par jour pendant sept jours et insuline 1 g en cas de fièvre.

L’évolution est favorable et la patiente rentre à domicile.`;

export const embedExample: readonly string[] = [
  'Fracture du col du fémur.',
  'L’électrocardiogramme montre un sus-décalage du segment ST.',
  'Patiente suivie pour un diabète de type 2.',
  'Sténose de l’artère coronaire.',
  'Pneumopathie du lobe inférieur droit.',
];

/** The embedded model puts the two texts of cardiology first, though they share no word with it (measured; e2e/views.spec.ts). */
export const queryExample = 'infarctus du myocarde';
