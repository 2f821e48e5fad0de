/** See en-map.ts. */
import type { mapEn } from './en-map.ts';

export const mapFr = {
  parts: 'Ce qui est affiché',
  passages: 'Passages',
  map: 'Carte',
  canvas:
    'Carte des passages : chaque point est un passage, deux points voisins se ressemblent pour le modèle. La liste des points dit la même chose en mots.',
  hint: 'Cliquez sur un point pour voir ses voisins. Tracez un rectangle pour lister les passages qu’il contient.',
  pca: (first, second) =>
    `Plan des deux composantes principales (ACP) : il montre ${first} et ${second} des différences. Des points proches ici peuvent être éloignés dans les autres dimensions.`,
  umapHint: 'Carte par UMAP : les voisins restent ensemble. Les distances entre les groupes, et leurs tailles, ne veulent rien dire.',
  sampled: (shown, all) => `${shown} passages sur ${all} sont dessinés, pris à intervalles réguliers.`,
  drawing: { pca: 'Tracé de la carte', umap: 'Calcul de UMAP' },
  drawn: n => `Carte de ${n} passages tracée`,
  toUmap: 'Réarranger avec UMAP',
  toPca: 'Revenir à l’ACP',
  groupBy: 'Couleur et forme',
  byDocument: 'Par document',
  byColumn: name => `Colonne : ${name}`,
  legend: 'Groupes',
  others: 'autres',
  points: n => `Points (${n})`,
  inside: 'Dans le rectangle',
  insideCount: n => `Passages dans le rectangle : ${n}`,
  chooseHint: 'Choisissez un point, sur la carte ou dans la liste, pour voir les passages les plus proches.',
  chosen: 'Passage choisi',
  neighbours: 'Les passages les plus proches',
  searching: 'Recherche…',
  found: n => `Passages les plus proches affichés : ${n}`,
  noModel: 'Les passages les plus proches sont cherchés quand un modèle est actif. Choisissez alors de nouveau le point.',
  cosine: value => `cosinus ${value}`,
  none: 'Aucun passage n’a encore de vecteur',
  noneBody: 'La carte est tracée à partir des vecteurs des passages. Ils sont calculés quand un modèle est actif.',
  waits: 'La carte est tracée quand tous les vecteurs sont calculés.',
} satisfies typeof mapEn;
