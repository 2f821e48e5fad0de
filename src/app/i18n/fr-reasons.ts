/** See en-reasons.ts. */
import type { reasonsEn } from './en-reasons.ts';

export const reasonsFr = {
  tooManyTokens: f => ({
    remedy: `Il compte ${f.tokens} tokens, et le modèle en lit ${f.maxTokens} au plus. Raccourcissez-le, ou n’utilisez que le début.`,
  }),
  tooManyCharacters: f => ({
    remedy: `Il compte ${f.characters} caractères, et ${f.maxCharacters} au plus sont lus à la fois. Ne conservez qu’une partie du texte.`,
  }),
  noMask: f => ({
    title: 'Le texte n’a pas de masque',
    remedy: `Écrivez ${f.mask} à la place du mot à prédire, ou sélectionnez un mot sous le texte.`,
  }),
  maskNotRead: f => ({
    title: 'Ce masque n’est pas reconnu',
    remedy: f.alone
      ? `Ce modèle ne reconnaît ${f.mask} que s’il est isolé. Mettez une espace avant et après.`
      : `Dans les fichiers de ce modèle, ${f.mask} n’est pas le token de masque. Choisissez un autre modèle.`,
  }),
  masksCut: f => ({
    title: 'Des masques se trouvent dans la partie qui n’est pas lue',
    remedy: `Seuls les ${f.tokens} premiers tokens sont lus. Masques situés après : ${f.lost} sur ${f.masks}. Retirez ces masques, ou raccourcissez le texte qui les précède.`,
  }),
  unknownWord: f => ({
    title: 'Un mot est absent du vocabulaire',
    remedy: `Le modèle n’a aucun token pour « ${f.target} ». Choisissez un autre mot.`,
  }),
  option: f => ({ title: 'Une option n’est pas valide', remedy: `Modifiez l’option « ${f.option} ».` }),
  notFoundOrPrivate: f => ({
    title: `Introuvable, ou privé : ${f.path}`,
    remedy:
      'Le hub répond de la même façon dans les deux cas. Vérifiez l’orthographe ; pour un modèle privé, saisissez un jeton d’accès ci-dessous, puis chargez de nouveau.',
  }),
  notFoundWithToken: f => ({
    title: `Introuvable : ${f.path}`,
    remedy: 'Le hub n’a pas ce modèle, ou votre jeton n’a pas le droit de le lire. Vérifiez l’orthographe et les droits du jeton.',
  }),
  badToken: () => ({
    title: 'Le hub refuse ce jeton d’accès',
    remedy: 'Il est mal saisi ou expiré. Créez-en un nouveau dans les paramètres de votre compte sur le hub.',
  }),
  refusedToken: f => ({
    title: 'Ce jeton n’a pas accès au modèle',
    remedy: `Vérifiez les droits du jeton, et que votre compte peut lire ${f.path}.`,
  }),
  gated: f => ({
    title: 'Les conditions de ce modèle doivent d’abord être acceptées',
    remedy: `Acceptez les conditions de ${f.path} sur le hub avec votre compte, puis saisissez ci-dessous un jeton d’accès de ce compte.`,
  }),
  gatedToken: f => ({
    title: 'Les conditions de ce modèle ne sont pas encore acceptées',
    remedy: `Acceptez les conditions de ${f.path} sur le hub avec le compte de ce jeton, et autorisez le jeton à lire les modèles à accès contrôlé.`,
  }),
  noRevision: f => ({
    title: 'Cette révision n’existe pas',
    remedy: `Vérifiez la révision de ${f.path} ; laissez le champ vide pour la principale.`,
  }),
  refused: f => ({
    title: `${f.host || 'L’hôte'} refuse l’accès (${f.status})`,
    remedy:
      'L’adresse est fausse, ou l’accès demande un compte. Vérifiez l’adresse, ou téléchargez le dossier depuis une machine qui y a accès, puis ouvrez ses fichiers ici.',
  }),
  tooOften: f => ({
    title: `${f.host || 'L’hôte'} limite le nombre de requêtes`,
    remedy: 'Attendez quelques minutes, puis réessayez. Ce qui est arrivé est conservé.',
  }),
  serverFailed: f => ({
    title: `${f.host || 'L’hôte'} signale une erreur interne (${f.status})`,
    remedy: 'Votre connexion n’y est pour rien. Réessayez plus tard, ou utilisez un miroir.',
  }),
  proxy: () => ({
    title: 'Un proxy de votre réseau refuse l’accès (407)',
    remedy: 'Identifiez-vous auprès du proxy, ou demandez à votre administrateur d’autoriser le hub.',
  }),
  unreachable: f => ({
    title: `${f.host} ne répond pas`,
    remedy:
      'Vérifiez la connexion et l’adresse. Sur le réseau d’un hôpital ou d’une entreprise, un proxy ou un pare-feu peut bloquer cet hôte : demandez son autorisation, utilisez un miroir, ou ouvrez les fichiers du modèle depuis cette machine.',
  }),
  webPage: f => ({
    title: 'Une page web est arrivée à la place du modèle',
    remedy: `L’adresse est fausse, ou ${f.host || 'l’hôte'} demande d’abord de s’identifier. Ouvrez-la dans un autre onglet pour le voir ; il faut l’adresse du dossier qui contient config.json.`,
  }),
  noFile: f => ({
    title: `${f.path} est introuvable`,
    remedy: `${f.source || 'Ce dossier'} ne le contient pas : ce n’est pas un modèle de ce type. Vérifiez l’identifiant ou l’adresse ; il faut le dossier qui contient config.json.`,
  }),
  noTokenizer: f => ({
    title: 'tokenizer.json est introuvable',
    remedy: `${f.source} n’a pas de tokenizer rapide. Convertissez-le avec transformers (save_pretrained), ou choisissez un autre modèle.`,
  }),
  noWeights: f => ({
    title: 'Il n’y a pas de poids au format safetensors',
    remedy: `${f.source} n’a pas de model.safetensors. Choisissez un modèle ou une révision qui en a un.`,
  }),
  unsafeWeights: f => ({
    title: 'Les poids n’existent que dans un format dangereux',
    remedy: `${f.source} n’a que des fichiers qui peuvent exécuter du code à la lecture (${f.pickles}). Choisissez une révision avec des poids safetensors.`,
  }),
  changed: f => ({
    title: `${f.path} a changé sur l’hôte pendant le téléchargement`,
    remedy: 'Relancez le téléchargement : ce fichier est téléchargé de nouveau, les autres sont conservés.',
  }),
  severalModels: f => ({
    title: 'Plusieurs modèles ont été choisis ensemble',
    remedy: `Choisissez le dossier d’un seul modèle (trouvés : ${f.folders}).`,
  }),
  pickedFile: f => ({
    title: 'Un fichier choisi ne peut pas être lu',
    remedy: `${f.path} manque, ou a été déplacé ou modifié depuis. Choisissez de nouveau le dossier.`,
  }),
  full: f => ({
    remedy: `Il faut ${f.neededBytes}, et le navigateur en accorde encore ${f.freeBytes}. Supprimez un autre modèle, libérez de l’espace sur le disque, ou utilisez celui-ci sans le conserver.`,
  }),
  damagedFile: f => ({
    title: `${f.path} est corrompu ou incomplet`,
    remedy: 'Téléchargez-le ou copiez-le de nouveau. Ne vous fiez pas à cette copie.',
  }),
  configKey: f => ({
    remedy: `Cette page ne prend pas en charge la valeur de « ${f.key} » dans config.json. Choisissez un autre ModernBERT.`,
  }),
  noHead: () => ({
    title: 'Ce modèle ne peut pas prédire de mots masqués',
    remedy:
      'Il n’a pas de tête de prédiction : utilisez-le pour les embeddings, ou chargez sa version pour la prédiction masquée (ModernBertForMaskedLM).',
  }),
  missingTensors: f => ({
    title: 'Des poids manquent',
    remedy: `Absents du fichier : ${f.missing}. Vérifiez que tous les fichiers appartiennent au même modèle et sont complets.`,
  }),
  extraTensors: f => ({
    title: 'Le fichier contient les poids d’un autre type de modèle',
    remedy: `Poids inconnus : ${f.extra}. Choisissez un ModernBERT entraîné à prédire des mots masqués.`,
  }),
  misshapen: () => ({
    remedy: 'La taille de certains poids ne correspond pas à config.json. Vérifiez que tous les fichiers appartiennent au même modèle.',
  }),
  tokenizerKey: f => ({
    title: 'Ce tokenizer n’est pas pris en charge',
    remedy: `« ${f.key} » manque dans tokenizer.json, est corrompu ou d’un type inconnu. Choisissez un autre modèle, ou téléchargez de nouveau le fichier.`,
  }),
  wrongNumbers: () => ({
    title: 'Cet adaptateur graphique calcule des valeurs fausses',
    remedy: 'Mettez à jour le pilote graphique ou le navigateur, puis lancez la vérification de la page Appareil.',
  }),
  kernelRefused: f => ({
    remedy: `Le pilote n’a pas accepté le programme « ${f.label} ». Mettez à jour le pilote ou le navigateur ; si cela se reproduit, envoyez le rapport de la page Appareil.`,
  }),
  workerBlocked: () => ({
    title: 'Le processus d’arrière-plan n’a pas pu démarrer',
    remedy:
      'L’hôte ou une extension bloque le script de cette page. Rechargez la page ; si cela ne suffit pas, contactez la personne qui l’héberge.',
  }),
} satisfies typeof reasonsEn;
