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

/** The embedded model is most surprised by the unit of the dose, in both modes (e2e/read.spec.ts). */
export const readExample = `Cher confrère,

Je vous remercie de m’avoir adressé cette patiente de 62 ans, hospitalisée pour une fracture du col du fémur droit après une chute.

La radiographie de la hanche montre une fracture du col du fémur. Une prothèse totale de hanche droite est réalisée le lendemain.

Traitement de sortie : paracétamol 1 kg trois fois par jour, pendant sept jours.`;

export const embedExample: readonly string[] = [
  'Fracture du col du fémur.',
  'L’électrocardiogramme montre un sus-décalage du segment ST.',
  'Patiente suivie pour un diabète de type 2.',
  'Sténose de l’artère coronaire.',
  'Pneumopathie du lobe inférieur droit.',
];

/** The embedded model puts the two texts of cardiology first, though they share no word with it (measured; e2e/views.spec.ts). */
export const queryExample = 'infarctus du myocarde';
