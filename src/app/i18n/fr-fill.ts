/** The fill-mask view in French. */
import type { fillEn } from './en-fill.ts';
import { pairFr } from './fr-pair.ts';

export const fillFr = {
  text: 'Texte',
  placeholder: 'Écrivez ou collez une phrase clinique…',
  insertMask: 'Insérer un masque',
  clear: 'Effacer',
  run: 'Prédire',
  examples: 'Exemples',
  words: 'Mots',
  hide: word => `Masquer « ${word} »`,
  stripCut: n => `Seuls les ${n} premiers mots sont affichés ici ; tout le texte est utilisé.`,
  k: 'Mots par masque',
  showIds: 'Afficher les identifiants des tokens',
  ownWords: 'Vos propres mots',
  ownWordsPlaceholder: 'infarctus, embolie, douleur',
  results: 'Prédictions',
  mask: n => `Masque ${n}`,
  maskOnly: 'Masque',
  predictionsOf: n => `Prédictions pour le masque ${n}`,
  independent: 'Chaque masque est prédit séparément. Les mots proposés ne vont pas forcément ensemble.',
  rest: 'Tous les autres mots',
  hidden: 'mot masqué',
  hiddenRow: 'le mot masqué',
  word: 'Mot',
  probability: 'Probabilité',
  logProb: 'Log-prob.',
  rank: 'Rang',
  tokenId: 'Identifiant du token',
  unknownWord: 'absent du vocabulaire de ce modèle',
  copySentence: 'Copier la phrase',
  copyJson: 'Copier en JSON',
  copyCsv: 'Copier en CSV',
  ranIn: time => `calculé en ${time}`,
  tokens: n => `${n} tokens`,
  stale: 'Calcul…',
  emptyTitle: 'Une page blanche',
  emptyBody: 'Écrivez une phrase, ou partez d’un des exemples.',
  noMaskTitle: 'Quel mot le modèle doit-il prédire ?',
  waitingTitle: 'Le modèle se charge',
  waitingBody: 'Vous pouvez déjà écrire ; les prédictions s’afficheront dès qu’il sera prêt.',
  cut: 'N’utiliser que le début',
  cutNotice: 'Seul le début du texte est lu, dans la limite de la longueur de contexte du modèle.',
  noCut: 'Utiliser de nouveau tout le texte',
  textHint: '[MASK], [MASQUE], <mask> ou ___ marque le mot à prédire.',
  wordsHint:
    'Sélectionnez un mot pour le masquer ; sélectionnez-le de nouveau pour l’afficher. La flèche à côté d’un masque ouvre les autres mots.',
  mode: 'Que faire du texte',
  modeHide: 'Masquer des mots',
  modeWrite: 'Écrire',
  tabs: 'Textes',
  tabOne: 'Un texte',
  tabPair: 'Deux phrases',
  showAll: 'Afficher tous les mots',
  showWord: word => `Afficher de nouveau « ${word} »`,
  moreWords: n => `Mots pour le masque ${n}`,
  popoverOf: n => `Mots pour le masque ${n}, dans le texte`,
  chip: (n, word, share, hidden, slots) =>
    `Masque ${n}${word === null ? '' : `, « ${word} »${share === null ? '' : ` ${share}`}`}${
      hidden === null
        ? ' : autres mots'
        : ` ; cache « ${hidden} »${slots === undefined ? '' : `, un mot de ${slots} tokens`} : afficher de nouveau le mot`
    }`,
  slot: (n, of) => `token ${n} sur ${of} du mot`,
  entropy: bits => `incertitude ${bits} bits`,
  entropyHint:
    'Entropie de toute la distribution : 0 quand le modèle est certain, un bit de plus pour deux fois plus de mots également probables.',
  rankOf: n => `rang ${n}`,
  noneLeft: 'Aucun des 1 000 mots les plus probables ne passe le filtre.',
  ready: 'calculé à l’avance',
  ownWordsHint:
    'Séparez les mots par des virgules. Chaque mot reçoit sa probabilité ; un mot d’un seul token reçoit aussi son rang parmi tous les tokens.',
  pll: tokens => `${tokens} tokens, pseudo-log-vraisemblance`,
  pllHint:
    'Le masque s’ouvre en autant de places que le mot a de tokens. Chaque token est prédit en montrant les précédents et en cachant les suivants, et les probabilités sont multipliées (Kauf et Ivanova, 2023).',
  filter: 'Filtre et détails',
  filterWhole: 'Mots entiers seulement',
  filterLetters: 'Sans ponctuation',
  filterStarts: 'Commence par',
  filterHint: 'Le filtre parcourt les 1 000 mots les plus probables ; rangs et probabilités restent ceux de tout le vocabulaire.',
  oneAtATime: 'Un seul mot masqué à la fois',
  joint: 'Ensemble : des mots qui s’accordent',
  jointHint:
    'Le masque le plus sûr est rempli d’abord, le suivant avec ce mot en place, et ainsi de suite (recherche en faisceau). Le chiffre est le produit des probabilités.',
  jointGo: 'Chercher ensemble',
  jointTooMany: n => `Les mots qui s’accordent se cherchent jusqu’à ${n} masques.`,
  decomposed:
    'Dans ce texte, les accents sont séparés de leurs lettres (Unicode décomposé, comme en donnent macOS et les fichiers PDF). L’apparence est la même, mais le modèle lit d’autres tokens et répond autrement.',
  compose: 'Réunir les accents et leurs lettres',
  quoted: word => `« ${word} »`,
  unknownIn: {
    long: (words, n) =>
      n === 1
        ? `${words} est plus long que ce que lit le découpage en tokens : le modèle voit un mot inconnu ([UNK]) à sa place. Un synonyme ou un trait d’union peut aider.`
        : `${words} sont plus longs que ce que lit le découpage en tokens : le modèle voit un mot inconnu ([UNK]) à leur place. Un synonyme ou un trait d’union peut aider.`,
    character: (words, n) =>
      n === 1
        ? `${words} contient un caractère absent du vocabulaire : le modèle voit un mot inconnu ([UNK]) à sa place.`
        : `${words} contiennent un caractère absent du vocabulaire : le modèle voit un mot inconnu ([UNK]) à leur place.`,
  },
  guessFirst: 'Deviner avant de voir les réponses',
  guessTitle: 'À vous d’abord',
  guessDone: 'Vos réponses',
  guessOf: n => `Votre mot pour le masque ${n}`,
  guessShow: 'Voir les réponses',
  guessRank: (rank, share) => `rang ${rank}, ${share}`,
  points: n => (n < 2 ? `${n} point` : `${n} points`),
  guessScore: (points, rounds) => `Score : ${points} en ${rounds} ${rounds < 2 ? 'tour' : 'tours'}.`,
  guessRules: '3 points pour le mot masqué ou le premier choix du modèle, 2 parmi ses cinq premiers, 1 parmi ses cinquante premiers.',
  noMaskBody: 'Sélectionnez un mot du texte pour le masquer, ou insérez un masque où vous voulez.',
  pair: pairFr,
} satisfies typeof fillEn;
