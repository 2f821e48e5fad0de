/** "Show the code" in English; French beside it. */
export const codeEn = {
  open: 'Show the code',
  title: 'This screen as code',
  tabs: 'Languages',
  javascript: 'JavaScript',
  command: 'Command line',
  python: 'Python',
  holdsText: 'The code holds your text. Mind whom you give it to.',
  isExample: 'Nothing is written yet: the code holds an example.',
  lacksMask: 'A text has no mask. Hide a word first, or the code has nothing to predict.',
  folder: 'Put the folder of your model in the place of path/to/model.',
  pythonAddress: 'transformers needs the folder of the model, downloaded, in the place of path/to/model.',
  hub: (address: string) => `Your hub is not the public one: set HF_ENDPOINT=${address} first.`,
  install: {
    javascript: 'For Node, as a file that ends in .mjs, in a project that has affinage installed.',
    command: 'For bash, zsh and other POSIX shells.',
    python: 'With torch and transformers installed.',
    sentence: 'With torch and sentence-transformers installed.',
  },
  precision: (dtype: string) =>
    `Here the weights are in ${dtype}, in Python in f32: the figures agree but for the rounding of ${dtype}. In f32 they are the same to about four digits.`,
  searchNote: 'Put your passages into passages.txt, one a line. The code ranks by meaning alone; the words are met on the page only.',
  searchCommand: 'The command line makes the vectors; the last one is that of the query. The nearest have the largest dot product with it.',
  readCommand: 'No command does this by itself, so Node runs the JavaScript.',
  targetsNote: 'The command line scores a word of several tokens by its first one; the page, JavaScript and Python score the whole word.',
  copy: 'Copy the code',
  close: 'Close',
};
