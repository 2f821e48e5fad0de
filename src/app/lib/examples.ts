/** Sentences to start from, written for this page. No real patient. */
import type { Language } from './format.ts';

export interface Example {
  label: Record<Language, string>;
  text: string;
}

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

export const embedExample: readonly string[] = [
  'Douleur thoracique à l’effort, irradiant au bras gauche.',
  'Angor d’effort typique chez un patient tabagique.',
  'Fracture du col du fémur après une chute.',
  'Toux fébrile et crépitants de la base droite.',
  'Pneumopathie franche lobaire aiguë.',
];

export const queryExample = 'syndrome coronarien';
