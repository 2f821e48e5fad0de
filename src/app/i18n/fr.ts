/** Every string of the page in French. */
import type { Dictionary } from './en.ts';
import { checkFr } from './fr-check.ts';
import { codeFr } from './fr-code.ts';
import { deviceFr } from './fr-device.ts';
import { fillFr } from './fr-fill.ts';
import { lessonFr } from './fr-lesson.ts';
import { libraryFr } from './fr-library.ts';
import { mapFr } from './fr-map.ts';
import { modelsFr } from './fr-models.ts';
import { pageFr } from './fr-page.ts';
import { privateFr } from './fr-private.ts';
import { readFr } from './fr-read.ts';
import { reasonsFr } from './fr-reasons.ts';
import { searchFr } from './fr-search.ts';

export const fr = {
  languageName: 'Français',
  appTagline: 'Le français clinique, analysé sur votre machine',
  skipToContent: 'Aller au contenu',
  nav: {
    label: 'Pages',
    fill: 'Mot masqué',
    read: 'Lecture',
    search: 'Recherche',
    embed: 'Comparer',
    models: 'Modèles',
    device: 'Appareil',
  },
  titles: {
    fill: 'Prédire le mot masqué',
    read: 'Lire un texte long',
    search: 'Chercher dans vos comptes rendus',
    embed: 'Comparer des textes',
    models: 'Choisir un modèle',
    device: 'Cet appareil',
  },
  intro: {
    fill: 'Masquez un mot d’une phrase : le modèle prédit les mots les plus probables à sa place.',
    read: 'À quel point chaque mot d’un document surprend le modèle : l’œil d’un relecteur pour le médicament, la dose ou le côté qui détonne.',
    search: 'Vos documents, découpés en passages, sont indexés et cherchés sur cette machine.',
    embed:
      'Chaque texte devient un vecteur. Le cosinus de deux vecteurs indique à quel point les deux textes se ressemblent pour le modèle.',
    models:
      'Le modèle intégré fonctionne immédiatement et hors ligne. Des modèles plus grands se téléchargent depuis le hub Hugging Face ou se lisent sur votre disque, et s’exécutent ici.',
    device: 'Le matériel utilisé, sa mémoire et sa vitesse.',
  },
  settings: {
    language: 'Langue',
    theme: 'Thème',
    light: 'Clair',
    dark: 'Sombre',
    system: 'Système',
    shortcuts: 'Raccourcis clavier',
  },
  status: {
    loading: name => `Chargement de ${name}…`,
    ready: name => `${name} est prêt`,
    failed: 'Aucun modèle actif',
    lost: 'Le modèle s’est arrêté',
    software: 'GPU émulé, lent',
    predicted: (masks, time) => (masks === 1 ? `Prédictions prêtes en ${time}` : `Prédictions pour ${masks} masques prêtes en ${time}`),
    embedded: (texts, time) => `${texts} ${texts < 2 ? 'texte comparé' : 'textes comparés'} en ${time}`,
    progress: percent => `${percent} effectués`,
    paused: 'Arrêt en cours. La partie vérifiée est conservée.',
    copied: 'Copié',
    notCopied: 'Le navigateur a refusé la copie',
    modelPill: 'Modèle utilisé :',
  },
  footer: {
    notice:
      'Outil de recherche et de démonstration. Ses réponses reproduisent les biais de ses données d’entraînement et ne doivent pas guider les soins.',
    privacy: 'Votre texte ne quitte jamais cette machine : la page n’a aucun serveur auquel l’envoyer.',
    mini: 'Le modèle intégré « mini » est petit, entraîné sur des phrases générées et des cas publiés.',
  },
  fill: fillFr,
  cost: {
    label: 'Coût de cette requête',
    tokens: n => `${n} tokens`,
    flops: n => `≈ ${n}`,
    memory: size => `${size} de mémoire GPU`,
    time: time => `≈ ${time} ici`,
    unknownTime: 'durée inconnue avant le premier calcul',
    running: 'Calcul',
    share: percent => `${percent} effectués`,
    cancel: 'Arrêter',
    longTitle: 'Calcul long',
    longBody: time => `Environ ${time} sur cet appareil. Le calcul démarre quand vous confirmez.`,
    stoppedTitle: 'Arrêté',
    stoppedBody: 'Rien n’a été calculé pour le texte actuel.',
    go: 'Lancer le calcul',
    held: 'non calculé pour ce texte',
  },
  embed: {
    texts: 'Textes',
    textsHint: 'Un texte par ligne. Coller plusieurs lignes ajoute plusieurs textes.',
    text: n => `Texte ${n}`,
    add: 'Ajouter un texte',
    remove: n => `Retirer le texte ${n}`,
    clear: 'Tout retirer',
    example: 'Charger l’exemple',
    matrix: 'Similarité',
    matrixCaption: 'Similarité cosinus de chaque paire de textes',
    query: 'Requête',
    queryPlaceholder: 'douleur thoracique à l’effort',
    queryHint: 'Les textes sont classés selon leur proximité avec la requête.',
    ranking: 'Textes les plus proches de la requête',
    rank: 'Rang',
    score: 'Cosinus',
    honest: 'Comment lire ces résultats',
    honestBody:
      'Ces vecteurs sont la moyenne de la dernière couche d’un modèle de langue masqué. Il n’a jamais été entraîné pour la similarité : des textes sans rapport peuvent obtenir une valeur élevée, et une requête courte classe souvent mal des textes plus longs, surtout avec le petit modèle intégré. Testez-le sur vos propres textes avant de vous y fier.',
    folderBody: (pooling, prompt) =>
      `Les fichiers de ce modèle disent comment ses vecteurs sont calculés (pooling : ${pooling}).${prompt && ` Ils placent « ${prompt} » devant chaque texte.`} Testez-le sur vos propres textes avant de vous y fier.`,
    exportCsv: 'Vecteurs en CSV',
    exportJson: 'Vecteurs en JSON',
    needTwo: 'Au moins deux textes',
    needTwoBody: 'Écrivez au moins deux textes pour les comparer.',
    limit: n => `Au plus ${n} textes ici ; la ligne de commande n’a pas cette limite.`,
    cutNotice: n => `Les textes de plus de ${n} tokens sont tronqués.`,
    dims: n => `${n} dimensions`,
  },
  read: readFr,
  code: codeFr,
  lesson: lessonFr,
  page: pageFr,
  private: privateFr,
  reasons: reasonsFr,
  search: searchFr,
  map: mapFr,
  models: modelsFr,
  library: libraryFr,
  device: deviceFr,
  check: checkFr,
  noGpu: {
    title: 'Ce navigateur ne donne pas accès à un processeur graphique',
    body: 'Le modèle s’exécute avec WebGPU, un standard récent. Quelques réglages suffisent en général ; votre texte reste ici en attendant.',
    insecure: 'Cette page vient d’une autre machine, en http. Les navigateurs n’offrent WebGPU qu’en https ou sur localhost.',
    noAdapter: 'Le navigateur prend en charge WebGPU, mais n’a trouvé aucun adaptateur utilisable.',
    chromium: 'Chrome, Edge et les autres navigateurs Chromium',
    chromiumSteps: [
      'Utilisez la version 113 ou ultérieure (Android : 121 ou ultérieure).',
      'Dans les paramètres, rubrique « Système », activez « Utiliser l’accélération graphique si disponible », puis relancez le navigateur.',
      'Ouvrez chrome://gpu et lisez la ligne « WebGPU ».',
      'Si la carte graphique est sur la liste de blocage, chrome://flags/#enable-unsafe-webgpu permet de passer outre, à vos risques.',
    ],
    firefox: 'Firefox',
    firefoxSteps: [
      'Windows : version 141 ou ultérieure. macOS avec un processeur Apple : 145 ou ultérieure.',
      'Ailleurs : ouvrez about:config et mettez dom.webgpu.enabled à true, puis relancez le navigateur.',
      'Toujours pas d’adaptateur : mettez gfx.webgpu.ignore-blocklist à true.',
    ],
    safari: 'Safari',
    safariSteps: [
      'macOS 26, iOS 26, iPadOS 26 et suivants : WebGPU est actif.',
      'Safari 18 sur un système plus ancien : Réglages, « Feature Flags », activez « WebGPU ».',
    ],
    linux: 'Linux',
    linuxSteps: [
      'Installez un pilote Vulkan : sur Debian et Ubuntu, le paquet mesa-vulkan-drivers (ou le pilote NVIDIA).',
      'Lancez Chromium avec --enable-unsafe-webgpu --enable-features=Vulkan.',
    ],
    yours: 'votre navigateur',
    yourSystem: 'votre système',
    retry: 'Réessayer',
    cli: 'Sans navigateur, la ligne de commande fait la même chose dans Node : npx affinage.',
  },
  errors: {
    detail: 'Détails techniques',
    retry: 'Réessayer',
    names: {
      NoAdapterError: {
        title: 'Aucun adaptateur graphique',
        remedy: 'Changez de navigateur, activez WebGPU ou installez un pilote Vulkan.',
      },
      AdapterLimitError: {
        title: 'Cet appareil ne peut pas exécuter ce modèle',
        remedy: 'Choisissez un modèle plus petit ou une précision plus basse.',
      },
      DeviceLostError: {
        title: 'Le processeur graphique n’est plus accessible',
        remedy: 'Cela arrive après une mise en veille ou un redémarrage du pilote. Rechargez le modèle ; votre texte est conservé.',
      },
      GpuError: {
        title: 'Le pilote graphique a refusé un programme',
        remedy: 'Rechargez le modèle. Si cela se reproduit, envoyez le rapport de la page Appareil.',
      },
      NonFiniteError: {
        title: 'Le modèle calcule des valeurs infinies ou indéfinies',
        remedy: 'Chargez-le en précision f32. Si l’erreur persiste, les poids du modèle sont corrompus : téléchargez-le de nouveau.',
      },
      OutOfMemoryError: {
        title: 'La mémoire graphique est pleine',
        remedy: 'Fermez d’autres pages, raccourcissez le texte ou choisissez une précision plus basse.',
      },
      ModelSourceError: { title: 'Le modèle n’a pas pu être lu', remedy: 'Vérifiez l’identifiant ou l’adresse, et la connexion.' },
      StorageError: {
        title: 'Le stockage des modèles est inutilisable',
        remedy:
          'Vérifiez que le navigateur autorise cette page à conserver des données (une fenêtre privée peut l’interdire), ou utilisez le modèle sans le conserver.',
      },
      StorageFullError: {
        title: 'L’espace manque pour conserver le modèle',
        remedy: 'Supprimez un autre modèle, libérez de l’espace sur le disque, ou utilisez le modèle sans le conserver.',
      },
      ModelFileError: { title: 'Un fichier du modèle est corrompu', remedy: 'Téléchargez-le de nouveau ; ne vous fiez pas à cette copie.' },
      ConfigError: {
        title: 'Ce type de modèle n’est pas pris en charge',
        remedy: 'Choisissez un ModernBERT entraîné à prédire des mots masqués.',
      },
      TensorError: {
        title: 'Les poids ne correspondent pas à la configuration',
        remedy: 'Vérifiez que tous les fichiers appartiennent au même modèle.',
      },
      TokenizerError: { title: 'Le tokenizer est inutilisable', remedy: 'Vérifiez tokenizer.json.' },
      InputError: { title: 'Le texte ne peut pas être traité tel quel', remedy: 'Modifiez le texte ou l’option indiquée ci-dessous.' },
      InputTooLongError: {
        title: 'Le texte dépasse la longueur de contexte du modèle',
        remedy: 'Raccourcissez-le, ou n’utilisez que le début.',
      },
      DisposedError: { title: 'Le modèle a été fermé', remedy: 'Rechargez-le.' },
      WorkerCrashedError: { title: 'Le processus d’arrière-plan s’est arrêté', remedy: 'Rechargez le modèle ; votre texte est conservé.' },
      Error: {
        title: 'Une erreur inattendue s’est produite',
        remedy: 'Réessayez ; si cela se reproduit, signalez l’erreur avec le texte ci-dessous.',
      },
    },
  },
  shortcuts: {
    title: 'Raccourcis clavier',
    close: 'Fermer',
    single: 'Raccourcis à une seule touche',
    singleHint: 'Désactivez-les si vous dictez ou utilisez un clavier adapté.',
    run: 'Prédire tout de suite',
    write: 'Écrire, ou masquer des mots',
    jump: 'Mot surprenant suivant, précédent (Lecture)',
    mask: 'Insérer un masque au curseur',
    views: 'Aller à une page',
    theme: 'Changer de thème',
    focus: 'Aller au texte',
    help: 'Afficher cette liste',
    escape: 'Fermer, ou quitter le champ',
  },
  update: {
    ready: 'Une nouvelle version de cette page est prête.',
    reload: 'Recharger maintenant',
    later: 'Plus tard',
    offline: 'Cette page fonctionne désormais hors ligne.',
  },
  crash: { title: 'La page a rencontré une erreur', reload: 'Recharger la page' },
} satisfies Dictionary;
