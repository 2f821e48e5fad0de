/** « Voir le code » in French. */
import type { codeEn } from './en-code.ts';

export const codeFr = {
  open: 'Voir le code',
  title: 'Cet écran en code',
  tabs: 'Langages',
  javascript: 'JavaScript',
  command: 'Ligne de commande',
  python: 'Python',
  holdsText: 'Le code contient votre texte. Faites attention à qui vous le donnez.',
  isExample: 'Rien n’est encore écrit : le code contient un exemple.',
  lacksMask: 'Un texte n’a pas de masque. Masquez d’abord un mot, sinon le code n’a rien à prédire.',
  folder: 'Mettez le dossier de votre modèle à la place de path/to/model.',
  pythonAddress: 'transformers a besoin du dossier du modèle, téléchargé, à la place de path/to/model.',
  hub: address => `Votre hub n’est pas le hub public : définissez d’abord HF_ENDPOINT=${address}.`,
  install: {
    javascript: 'Pour Node, dans un fichier qui se termine par .mjs, dans un projet où affinage est installé.',
    command: 'Pour bash, zsh et les autres shells POSIX.',
    python: 'Avec torch et transformers installés.',
    sentence: 'Avec torch et sentence-transformers installés.',
  },
  precision: dtype =>
    `Ici les poids sont en ${dtype}, en Python en f32 : les chiffres concordent à l’arrondi de ${dtype} près. En f32, ils sont les mêmes à environ quatre chiffres.`,
  searchNote:
    'Mettez vos passages dans passages.txt, un par ligne. Le code classe par le sens seul ; les mots ne sont cherchés que dans la page.',
  searchCommand:
    'La ligne de commande calcule les vecteurs ; le dernier est celui de la requête. Les plus proches ont avec lui le plus grand produit scalaire.',
  readCommand: 'Aucune commande ne le fait seule : Node exécute le code JavaScript.',
  targetsNote:
    'La ligne de commande note un mot de plusieurs tokens par son premier token ; la page, JavaScript et Python notent le mot entier.',
  copy: 'Copier le code',
  close: 'Fermer',
} satisfies typeof codeEn;
