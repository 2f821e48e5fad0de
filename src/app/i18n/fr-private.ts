/** Ce qui reste sur la machine et ce qui en sort, in French. */
import type { privateEn } from './en-private.ts';

export const privateFr = {
  open: 'Confidentialité',
  title: 'Confidentialité',
  close: 'Fermer',
  here: [
    'Le modèle s’exécute dans cette page, sur votre processeur graphique. Ce que vous écrivez est traité ici et n’est envoyé nulle part : la page n’a pas de serveur.',
    'Seul un modèle du hub est téléchargé, quand vous en choisissez un. Son hôte voit alors le modèle demandé et votre adresse IP, jamais votre texte.',
    'La liste ci-dessous est le relevé que tient cette page, et la politique que le navigateur lui applique refuse tout autre hôte. Les outils de développement de votre navigateur (Réseau) montrent la même chose.',
  ],
  requests: {
    title: 'Requêtes de cette page',
    own: count => `${count} vers les fichiers de la page`,
    other: count => `${count} vers d’autres hôtes`,
    none: 'Aucune requête n’est partie vers un autre hôte depuis l’ouverture de la page.',
    some: 'Ce sont des modèles demandés, ou leur hôte. Aucune ne contient de texte.',
    list: 'Adresses',
    address: 'Adresse',
    by: 'Par',
    times: 'Fois',
    from: { page: 'page', engine: 'moteur' },
    elsewhere: 'autre hôte',
    more: most => `Les ${most} premières adresses sont listées ; toutes sont comptées.`,
    offline: 'Pour fonctionner sans réseau, le navigateur conserve aussi une copie des fichiers de cette page.',
  },
  stored: {
    title: 'Conservé sur cette machine',
    kinds: {
      settings: 'Réglages',
      text: 'Texte conservé pour la prochaine visite',
      index: 'Index de vos documents',
      models: 'Modèles',
      offline: 'La page hors ligne, les mesures de ce GPU',
    },
    nothing: 'rien',
    unknown: 'taille inconnue',
    refused: 'refusé par ce navigateur',
    fileShared:
      'Cette page a été ouverte depuis le disque. Dans Chrome et Edge, d’autres pages ouvertes depuis le disque peuvent lire ces réglages et ces textes.',
  },
  remove: {
    button: 'Supprimer tout ce qui est à moi',
    title: 'Supprimer de cette machine tout ce qui est à vous ?',
    body: 'Les réglages, le texte conservé et l’index de vos documents sont supprimés de ce navigateur. C’est définitif.',
    models: size => `Aussi les modèles (${size})`,
    offline: 'Aussi la page hors ligne. Il faudra alors un réseau pour l’ouvrir',
    cancel: 'Tout conserver',
    confirm: 'Supprimer',
    busy: 'Suppression…',
    done: 'C’est supprimé. Ce qui est à l’écran est encore dans la mémoire de cette page : rechargez-la pour l’effacer aussi.',
    partly: 'Tout n’a pas pu être supprimé. Fermez les autres onglets de cette page, puis réessayez.',
    reload: 'Recharger la page',
  },
  refused: {
    title: what => `Ce navigateur ne conserve rien ici pour : ${what}`,
    what: { settings: 'vos réglages et votre texte', index: 'l’index de vos documents', models: 'les modèles' },
    body: 'La page fonctionne, mais devra recommencer à la prochaine visite. Une fenêtre privée, un réglage du navigateur ou l’ouverture de la page comme fichier peuvent en être la cause.',
    dismiss: 'Ignorer',
  },
  share: {
    button: 'Partager…',
    title: 'Un lien vers ce texte',
    warning:
      'Ce lien contient votre texte. Toute personne qui reçoit le lien peut le lire, comme la messagerie qui le transporte. Retirez d’abord ce qui identifie un patient.',
    hash: 'Le texte se trouve après le # de l’adresse. Les navigateurs n’envoient cette partie à aucun serveur.',
    file: 'Vous avez ouvert cette page depuis le disque : ce lien n’aide que sur cette machine, et il montre où se trouve le fichier.',
    field: 'Lien',
    copy: 'Copier le lien',
    close: 'Fermer',
    making: 'Préparation du lien…',
    failed: 'Le lien n’a pas pu être préparé. Votre texte est inchangé.',
    long: characters =>
      `Le lien compte ${characters} caractères : certains logiciels coupent les liens aussi longs. Un lien coupé est reconnu et refusé.`,
    tooLong: 'Ce texte est trop long pour un lien. Enregistrez-le dans un fichier et envoyez celui-ci.',
    badTitle: 'Le lien n’a pas pu être lu',
    bad: {
      damaged: 'Il est coupé ou modifié : demandez-le de nouveau, et copiez-le en entier. Votre texte est inchangé.',
      version:
        'Il vient d’une autre version de cette page. Mettez la page à jour, ou demandez le texte lui-même. Votre texte est inchangé.',
    },
    dismiss: 'Ignorer',
  },
} satisfies typeof privateEn;
