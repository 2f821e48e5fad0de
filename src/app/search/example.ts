/** A collection to begin with: short reports written for this page. No real patient. */
import { type ReadDocument, textDocument } from './files/read-file.ts';

const reports: readonly (readonly [name: string, text: string])[] = [
  [
    'Cardiologie, infarctus',
    `Homme de 58 ans, tabagique, adressé pour une douleur thoracique constrictive depuis deux heures.
L’électrocardiogramme montre un sus-décalage du segment ST en territoire antérieur.
La coronarographie retrouve une occlusion de l’artère interventriculaire antérieure, traitée par angioplastie et pose d’un stent.
Sortie sous aspirine, ticagrélor, bisoprolol et atorvastatine.`,
  ],
  [
    'Cardiologie, insuffisance cardiaque',
    `Femme de 79 ans hospitalisée pour une dyspnée d’effort et des œdèmes des membres inférieurs.
L’échographie cardiaque montre une fraction d’éjection du ventricule gauche à 35 %.
Évolution favorable sous furosémide, avec une perte de six kilogrammes.`,
  ],
  [
    'Cardiologie, fibrillation atriale',
    `Patient de 71 ans suivi pour une hypertension artérielle, qui consulte pour des palpitations.
L’électrocardiogramme retrouve une fibrillation atriale rapide.
Un traitement anticoagulant par apixaban est introduit.`,
  ],
  [
    'Pneumologie, pneumopathie',
    `Patiente de 64 ans, fièvre à 39,2 °C, toux productive et crépitants de la base droite.
La radiographie du thorax montre une opacité du lobe inférieur droit.
Antibiothérapie par amoxicilline pendant sept jours, apyrexie au troisième jour.`,
  ],
  [
    'Pneumologie, embolie pulmonaire',
    `Femme de 45 ans, dyspnée brutale dix jours après une chirurgie du genou.
L’angioscanner thoracique confirme une embolie pulmonaire bilatérale.
Anticoagulation par tinzaparine, puis rivaroxaban pour six mois.`,
  ],
  [
    'Pneumologie, BPCO',
    `Homme de 67 ans, bronchopneumopathie chronique obstructive stade III, tabagisme actif à 45 paquets-années.
Exacerbation avec majoration de la toux et de la dyspnée.
Traitement par aérosols de salbutamol et corticothérapie courte.`,
  ],
  [
    'Neurologie, accident vasculaire cérébral',
    `Patient de 76 ans, hémiplégie droite et aphasie d’installation brutale à 8 h 30.
L’IRM cérébrale montre un infarctus dans le territoire de l’artère cérébrale moyenne gauche.
Thrombolyse intraveineuse à deux heures du début, récupération partielle de la parole.`,
  ],
  [
    'Neurologie, migraine',
    `Femme de 32 ans, céphalées pulsatiles de l’hémicrâne gauche avec nausées et photophobie.
L’examen neurologique est normal, sans raideur de la nuque ni déficit moteur.
Un traitement de crise par sumatriptan est prescrit, avec un agenda des céphalées.`,
  ],
  [
    'Endocrinologie, diabète',
    `Homme de 55 ans, diabète de type 2 évoluant depuis dix ans.
L’hémoglobine glyquée est à 9,1 % malgré la metformine.
Une insuline lente est débutée, avec une éducation thérapeutique.`,
  ],
  [
    'Gastro-entérologie, appendicite',
    `Garçon de 14 ans, douleur de la fosse iliaque droite avec fièvre à 38,3 °C et vomissements.
L’échographie abdominale montre un appendice épaissi.
Appendicectomie par cœlioscopie, suites simples.`,
  ],
  [
    'Gastro-entérologie, cirrhose',
    `Patient de 60 ans, cirrhose d’origine alcoolique, ascite et ictère.
La fibroscopie montre des varices œsophagiennes de grade II.
Ponction évacuatrice de quatre litres, mise sous propranolol.`,
  ],
  [
    'Orthopédie, fracture',
    `Femme de 84 ans, chute de sa hauteur à domicile, impotence fonctionnelle de la hanche gauche.
La radiographie montre une fracture du col du fémur.
Pose d’une prothèse intermédiaire, reprise de l’appui au deuxième jour.`,
  ],
  [
    'Néphrologie, insuffisance rénale',
    `Homme de 69 ans, insuffisance rénale aiguë avec une créatinine à 420 µmol/L.
L’échographie rénale retrouve une dilatation des cavités des deux côtés.
Sondage urinaire, diurèse de trois litres et normalisation de la fonction rénale.`,
  ],
  [
    'Oncologie, sein',
    `Patiente de 51 ans, nodule du sein droit découvert à la mammographie de dépistage.
La biopsie conclut à un carcinome canalaire infiltrant.
Tumorectomie et ganglion sentinelle, puis radiothérapie.`,
  ],
  [
    'Infectiologie, pyélonéphrite',
    `Femme de 28 ans, fièvre avec frissons, douleur lombaire droite et brûlures mictionnelles.
L’examen des urines met en évidence une infection à Escherichia coli.
Traitement par ceftriaxone, puis relais par voie orale selon l’antibiogramme.`,
  ],
];

export const exampleDocuments = (): ReadDocument[] => reports.map(([name, text]) => textDocument(name, text));

/** What they are asked: words as they are written, words without accents, and a meaning whose words are not there (measured: e2e/search.spec.ts). */
export const exampleQueries: readonly string[] = ['embolie pulmonaire', 'insuffisance renale', 'tumeur maligne'];

/** Whether the example is there, and nothing else. */
export const isExampleCollection = (documents: readonly { name: string }[]): boolean =>
  documents.length === reports.length && documents.every(({ name }, i) => name === reports[i]?.[0]);
