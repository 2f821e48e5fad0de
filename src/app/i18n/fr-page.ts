/** See en-page.ts. */
import type { pageEn } from './en-page.ts';

export const pageFr = {
  decomposed:
    'Dans ce texte, les accents sont séparés de leurs lettres (Unicode décomposé, comme en donnent macOS et les fichiers PDF). L’apparence est la même, mais le modèle lit d’autres tokens et répond autrement.',
  compose: 'Réunir les accents et leurs lettres',
  readAs: piece => `lu comme « ${piece} »`,
  scale: {
    cosine: 'Un cosinus est compris entre −1 et 1.',
    shades: 'La teinte se renforce de 0 à 1.',
    bars: 'La barre s’allonge de 0 à 1.',
  },
  undo: {
    undo: 'Annuler',
    redo: 'Rétablir',
    back: 'Retrouver mon texte',
    said: {
      example: 'L’exemple a pris la place de votre texte.',
      clear: 'Votre texte a été effacé.',
      file: 'Le fichier a pris la place de votre texte.',
      link: 'Le texte du lien a pris la place du vôtre.',
    },
  },
  keepText: {
    label: 'Conserver mon texte pour la prochaine visite',
    on: 'Le texte est conservé dans ce navigateur, sur cette machine. Toute personne qui utilise ce navigateur peut le lire. Désactiver ce réglage le supprime.',
    reload: 'Recharger la page supprime votre texte. Pour le conserver, utilisez le réglage placé sous le texte.',
    tooLong: 'Ce texte est trop long pour être conservé par ce navigateur. Recharger la page le supprimera.',
  },
  drop: {
    title: name => `Fichier déposé : ${name}`,
    read: 'Lire ce texte',
    fill: 'L’utiliser comme texte',
    lines: 'Comparer ses lignes',
    files: files => `Comparer ${files} textes, un par fichier`,
    guessed: 'Le fichier n’indique pas son encodage. Il a été lu en Windows-1252 : vérifiez les accents.',
    otherTitle: names => `Cette page ne peut pas lire ${names}`,
    otherBody:
      'Elle lit des textes (.txt, .md, .csv, .jsonl) et des modèles (config.json, tokenizer.json, *.safetensors, ou leur dossier). Les PDF et les documents Word se déposent dans la vue Recherche.',
  },
  hub: {
    toToken: 'Saisir un jeton d’accès',
    silent: (host, time) => `${host} ne répond pas depuis ${time}.`,
    silentRemedy:
      'Vérifiez la connexion. Sur le réseau d’un hôpital ou d’une entreprise, un proxy ou un pare-feu peut bloquer cet hôte : annulez, puis utilisez un miroir, ou ouvrez les fichiers du modèle depuis cette machine. La page continue d’essayer.',
  },
  dropMasks: lost => (lost === '1' ? 'Retirer ce masque' : `Retirer ces ${lost} masques`),
  paste: {
    title: lines => `${lines} lignes ont été collées : que sont-elles ?`,
    taken: lines => `${lines} lignes ont été collées : un texte par ligne.`,
    table: columns => `Elles ressemblent à un tableau de ${columns} colonnes.`,
    tableWithHeader: (columns, names) => `Elles ressemblent à un tableau de ${columns} colonnes avec un en-tête (${names}).`,
    column: 'Prendre une colonne :',
    columnName: number => `Colonne ${number}`,
    limit: limit => `Il y a de la place pour ${limit} textes au plus.`,
    lines: lines => `Un texte par ligne (${lines})`,
    firstLines: (lines, rest) => `Un texte par ligne : prendre les ${lines} premières, en mettre ${rest} de côté`,
    withoutHeader: lines => `Sans l’en-tête : ${lines.charAt(0).toLowerCase()}${lines.slice(1)}`,
    whole: 'Un seul texte',
    cancel: 'Ne rien coller',
    aside: (texts, limit) =>
      `${texts} autres textes sont mis de côté : il y a de la place pour ${limit} au plus. La ligne de commande n’a pas cette limite.`,
    takeAside: texts => `Ajouter les ${texts} suivants`,
    copyAside: 'Les copier',
    dropAside: 'Les supprimer',
  },
  matrixCut: (shown, all) =>
    `Le tableau montre les ${shown} premiers textes sur ${all}. Le classement et les exports les contiennent tous.`,
  export: {
    asked: 'Demandé',
    why: { own: 'vos mots', hidden: 'mot masqué' },
    tokens: 'Tokens du mot',
    scoredBy: 'Évalué par',
    wholeWord: 'le mot entier',
    pll: pieces => `pseudo-log-vraisemblance de ${pieces}`,
    filled: masks => (masks === 1 ? 'Phrase complétée' : 'Phrase complétée (chaque masque séparément)'),
  },
} satisfies typeof pageEn;
