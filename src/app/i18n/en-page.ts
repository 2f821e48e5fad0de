/** What keeps a reader's work: undoing, keeping the text, pasting and dropping; and what the exports say. English; French beside it. */
export const pageEn = {
  decomposed:
    'Accents stand apart from their letters in this text (decomposed Unicode, as macOS and PDF files give it). It looks the same, but the model reads other tokens and answers differently.',
  compose: 'Join the accents to their letters',
  readAs: (piece: string) => `read as “${piece}”`,
  scale: {
    cosine: 'A cosine lies between −1 and 1.',
    shades: 'The shade grows from 0 to 1.',
    bars: 'The bar grows from 0 to 1.',
  },
  undo: {
    undo: 'Undo',
    redo: 'Redo',
    back: 'Get my text back',
    said: {
      example: 'The example took the place of your text.',
      clear: 'Your text was cleared.',
      file: 'The file took the place of your text.',
      link: 'The text of the link took the place of yours.',
    },
  },
  keepText: {
    label: 'Keep my text for the next visit',
    on: 'The text is stored in this browser, on this machine. Anyone who uses this browser can read it. Switching this off deletes it.',
    reload: 'Reloading the page deletes your text. To keep it, use the switch below the text.',
    tooLong: 'This text is too long for this browser to keep. Reloading the page will delete it.',
  },
  drop: {
    title: (name: string) => `Dropped: ${name}`,
    read: 'Read this text',
    fill: 'Use as the text',
    lines: 'Compare its lines',
    files: (files: string) => `Compare ${files} texts, one per file`,
    guessed: 'The file does not state its encoding. It was read as Windows-1252: check the accents.',
    otherTitle: (names: string) => `This page cannot read ${names}`,
    otherBody:
      'It reads texts (.txt, .md, .csv, .jsonl) and models (config.json, tokenizer.json, *.safetensors, or their folder). PDF and Word documents can be dropped in the Search view.',
  },
  hub: {
    toToken: 'Enter an access token',
    silent: (host: string, time: string) => `${host} has not answered for ${time}.`,
    silentRemedy:
      'Check the connection. In a hospital or company network, a proxy or firewall may block this host: cancel, then use a mirror, or open the files of the model from this machine. The page keeps trying.',
  },
  dropMasks: (lost: string): string => (lost === '1' ? 'Remove this mask' : `Remove these ${lost} masks`),
  paste: {
    title: (lines: string) => `${lines} lines were pasted: what are they?`,
    taken: (lines: string) => `${lines} lines were pasted: one text per line.`,
    table: (columns: string) => `They look like a table of ${columns} columns.`,
    tableWithHeader: (columns: string, names: string) => `They look like a table of ${columns} columns with a header (${names}).`,
    column: 'Take one column:',
    columnName: (number: string) => `Column ${number}`,
    limit: (limit: string) => `There is room for at most ${limit} texts.`,
    lines: (lines: string) => `One text per line (${lines})`,
    firstLines: (lines: string, rest: string) => `One text per line: take the first ${lines}, set ${rest} aside`,
    withoutHeader: (lines: string) => `Without the header: ${lines.charAt(0).toLowerCase()}${lines.slice(1)}`,
    whole: 'One single text',
    cancel: 'Paste nothing',
    aside: (texts: string, limit: string) =>
      `${texts} more texts are set aside: there is room for at most ${limit}. The command line has no such limit.`,
    takeAside: (texts: string) => `Add the next ${texts}`,
    copyAside: 'Copy them',
    dropAside: 'Delete them',
  },
  matrixCut: (shown: string, all: string) =>
    `The table shows the first ${shown} of ${all} texts. The ranking and the exports contain all of them.`,
  export: {
    asked: 'Asked',
    why: { own: 'your words', hidden: 'masked word' },
    tokens: 'Tokens of the word',
    scoredBy: 'Scored by',
    wholeWord: 'the whole word',
    pll: (pieces: string) => `pseudo-log-likelihood of ${pieces}`,
    filled: (masks: number): string => (masks === 1 ? 'Completed sentence' : 'Completed sentence (each mask by itself)'),
  },
};
