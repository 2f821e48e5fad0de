/** See en-page.ts. */
import type { pageEn } from './en-page.ts';

export const pageFr = {
  firstToken: (piece, tokens) => `évalué par son premier token, « ${piece} », sur ${tokens}`,
  readAs: piece => `lu comme « ${piece} »`,
  scale: 'Teintes et barres : 0 est vide, 1 est plein. Un cosinus va de −1 à 1 ; sous 0, elles restent vides.',
  undo: {
    undo: 'Annuler',
    redo: 'Rétablir',
    back: 'Retrouver mon texte',
    said: {
      example: 'L’exemple a pris la place de votre texte.',
      clear: 'Votre texte a été effacé.',
      file: 'Le fichier a pris la place de votre texte.',
    },
  },
  keepText: {
    label: 'Conserver mon texte pour la prochaine visite',
    on: 'Le texte est conservé sur cette machine, dans ce navigateur, où d’autres utilisateurs peuvent le lire. Désactiver ce réglage le supprime.',
    reload: 'Recharger la page oublie votre texte ; vous pouvez le conserver avec le réglage placé sous le texte.',
    tooLong: 'Ce texte est trop long pour être conservé par ce navigateur : un rechargement l’oubliera.',
  },
  drop: {
    title: name => `Fichier déposé : ${name}`,
    fill: 'Le lire comme texte',
    lines: 'Comparer ses lignes',
    files: files => `Comparer ${files} textes, un par fichier`,
    guessed: 'L’encodage n’est pas déclaré : les accents ont été lus comme du Windows-1252. Vérifiez-les.',
    otherTitle: names => `Cette page ne peut pas lire ${names}`,
    otherBody:
      'Elle lit des textes (.txt, .md, .csv, .jsonl) et des modèles (config.json, tokenizer.json, *.safetensors, ou leur dossier).',
  },
  hub: {
    toToken: 'Saisir un jeton d’accès',
    silent: (host, time) => `${host} ne répond pas depuis ${time}.`,
    silentRemedy:
      'Vérifiez la connexion. Dans un réseau d’hôpital ou d’entreprise, un proxy ou un pare-feu peut bloquer cet hôte : annulez, puis utilisez un miroir, ou ouvrez les fichiers du modèle depuis cette machine. La page continue d’essayer.',
  },
  dropMasks: lost => (lost === '1' ? 'Retirer ce masque' : `Retirer ces ${lost} masques`),
  paste: {
    title: lines => `${lines} lignes ont été collées : que sont-elles ?`,
    taken: lines => `${lines} lignes ont été collées : un texte par ligne.`,
    table: columns => `Elles ressemblent à un tableau de ${columns} colonnes.`,
    tableWithHeader: (columns, names) => `Elles ressemblent à un tableau de ${columns} colonnes avec un en-tête (${names}).`,
    column: 'Prendre une colonne :',
    columnName: number => `Colonne ${number}`,
    limit: limit => `Il y a place pour ${limit} textes au plus.`,
    lines: lines => `Un texte par ligne (${lines})`,
    firstLines: (lines, rest) => `Un texte par ligne : les ${lines} premières, ${rest} mises de côté`,
    withoutHeader: lines => `Sans l’en-tête : ${lines.charAt(0).toLowerCase()}${lines.slice(1)}`,
    whole: 'Un seul texte',
    cancel: 'Ne rien prendre',
    aside: (texts, limit) =>
      `${texts} autres textes sont mis de côté : il y a place pour ${limit} au plus. La ligne de commande en prend autant qu’il faut.`,
    takeAside: texts => `Ajouter les ${texts} suivants`,
    copyAside: 'Les copier',
    dropAside: 'Les oublier',
  },
  matrixCut: (shown, all) =>
    `Le tableau montre les ${shown} premiers textes sur ${all}. Le classement et les exports les contiennent tous.`,
  export: {
    asked: 'Demandé',
    why: { own: 'vos mots', hidden: 'mot masqué' },
    tokens: 'Tokens du mot',
    scoredBy: 'Évalué par',
    wholeWord: 'le mot entier',
    firstToken: piece => `son premier token, « ${piece} »`,
    filled: masks => (masks === 1 ? 'Phrase complétée' : 'Phrase complétée (chaque masque à part)'),
  },
} satisfies typeof pageEn;
