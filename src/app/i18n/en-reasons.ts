/** What went wrong and what to do, as far as the facts of an error tell (lib/reason.ts). Without a title, that of the class stands. */

/** What the sentences name, ready to be shown. */
export type Facts = Readonly<Record<string, string>>;

const reason = (say: (f: Facts) => { title?: string; remedy: string }) => say;

export const reasonsEn = {
  tooManyTokens: reason(f => ({
    remedy: `It has ${f.tokens} tokens, and the model reads at most ${f.maxTokens}. Shorten it, or use only its beginning.`,
  })),
  tooManyCharacters: reason(f => ({
    remedy: `It has ${f.characters} characters, and at most ${f.maxCharacters} are read at once. Keep a part of it.`,
  })),
  noMask: reason(f => ({
    title: 'The text has no mask',
    remedy: `Write ${f.mask} in place of the word to predict, or select a word below the text.`,
  })),
  maskNotRead: reason(f => ({
    title: 'This mask is not recognised',
    remedy: f.alone
      ? `This model recognises ${f.mask} only when it stands alone. Put a space before and after it.`
      : `In the files of this model, ${f.mask} is not the mask token. Choose another model.`,
  })),
  masksCut: reason(f => ({
    title: 'Some masks are in the part that is not read',
    remedy: `Only the first ${f.tokens} tokens are read. Masks after them: ${f.lost} of ${f.masks}. Remove these masks, or shorten the text before them.`,
  })),
  unknownWord: reason(f => ({
    title: 'A word is not in the vocabulary',
    remedy: `The model has no token for “${f.target}”. Choose another word.`,
  })),
  option: reason(f => ({ title: 'An option is not valid', remedy: `Change the option “${f.option}”.` })),
  notFoundOrPrivate: reason(f => ({
    title: `Not found, or private: ${f.path}`,
    remedy:
      'The hub gives the same answer for both. Check the spelling; for a private model, enter an access token below, then load again.',
  })),
  notFoundWithToken: reason(f => ({
    title: `Not found: ${f.path}`,
    remedy: 'The hub has no such model, or your token may not read it. Check the spelling and the rights of the token.',
  })),
  badToken: reason(() => ({
    title: 'The hub refuses this token',
    remedy: 'It is mistyped or expired. Create a new one in the settings of your account on the hub.',
  })),
  refusedToken: reason(f => ({
    title: 'This token has no access to the model',
    remedy: `Check the rights of the token, and that your account may read ${f.path}.`,
  })),
  gated: reason(f => ({
    title: 'The terms of this model must be accepted first',
    remedy: `Accept the terms of ${f.path} on the hub with your account, then enter an access token of that account below.`,
  })),
  gatedToken: reason(f => ({
    title: 'The terms of this model are not accepted yet',
    remedy: `Accept the terms of ${f.path} on the hub with the account of this token, and let the token read gated models.`,
  })),
  noRevision: reason(f => ({
    title: 'This revision does not exist',
    remedy: `Check the revision of ${f.path}; leave it empty for the main one.`,
  })),
  refused: reason(f => ({
    title: `${f.host || 'The host'} refuses access (${f.status})`,
    remedy:
      'The address is wrong, or access needs an account. Check the address, or download the folder on a machine that has access and open its files here.',
  })),
  tooOften: reason(f => ({
    title: `${f.host || 'The host'} limits the number of requests`,
    remedy: 'Wait a few minutes, then try again. What has arrived is kept.',
  })),
  serverFailed: reason(f => ({
    title: `${f.host || 'The host'} reports an internal error (${f.status})`,
    remedy: 'Your connection is not the cause. Try again later, or use a mirror.',
  })),
  proxy: reason(() => ({
    title: 'A proxy of your network refuses access (407)',
    remedy: 'Sign in to the proxy, or ask your administrator to allow the hub.',
  })),
  unreachable: reason(f => ({
    title: `${f.host} does not answer`,
    remedy:
      'Check the connection, and the address. In a hospital or company network, a proxy or firewall may block the host: ask for it to be allowed, use a mirror, or open the files of the model from this machine.',
  })),
  webPage: reason(f => ({
    title: 'A web page came instead of the model',
    remedy: `The address is wrong, or ${f.host || 'the host'} asks you to sign in first. Open it in another tab to see; the address must be the folder that holds config.json.`,
  })),
  noFile: reason(f => ({
    title: `${f.path} is not there`,
    remedy: `${f.source || 'This folder'} does not have it, so it is not a model of this type. Check the id or the address: it must be the folder that holds config.json.`,
  })),
  noTokenizer: reason(f => ({
    title: 'tokenizer.json is not there',
    remedy: `${f.source} has no fast tokenizer. Convert it with transformers (save_pretrained), or choose another model.`,
  })),
  noWeights: reason(f => ({
    title: 'There are no safetensors weights',
    remedy: `${f.source} has no model.safetensors. Choose a model or a revision that has one.`,
  })),
  unsafeWeights: reason(f => ({
    title: 'The weights are in an unsafe format only',
    remedy: `${f.source} has only files that can run code when they are read (${f.pickles}). Choose a revision with safetensors weights.`,
  })),
  changed: reason(f => ({
    title: `${f.path} changed on the host during the download`,
    remedy: 'Start the download again: this file is downloaded again, the others are kept.',
  })),
  severalModels: reason(f => ({
    title: 'Several models were picked together',
    remedy: `Pick the folder of one model (found: ${f.folders}).`,
  })),
  pickedFile: reason(f => ({
    title: 'A picked file cannot be read',
    remedy: `${f.path} is missing, or was moved or changed since it was picked. Pick the folder again.`,
  })),
  full: reason(f => ({
    remedy: `${f.neededBytes} are needed, and the browser allows ${f.freeBytes} more. Delete another model, free space on the disk, or use this one without keeping it.`,
  })),
  damagedFile: reason(f => ({ title: `${f.path} is damaged or incomplete`, remedy: 'Download or copy it again. Do not trust this copy.' })),
  configKey: reason(f => ({
    remedy: `This page does not support the value of “${f.key}” in config.json. Choose another ModernBERT.`,
  })),
  noHead: reason(() => ({
    title: 'This model cannot predict masked words',
    remedy: 'It has no prediction head: use it for embeddings, or load its version for masked prediction (ModernBertForMaskedLM).',
  })),
  missingTensors: reason(f => ({
    title: 'Weights are missing',
    remedy: `Not in the file: ${f.missing}. Check that all files belong to the same model and are complete.`,
  })),
  extraTensors: reason(f => ({
    title: 'The file has weights of another type of model',
    remedy: `Unknown weights: ${f.extra}. Choose a ModernBERT for masked prediction.`,
  })),
  misshapen: reason(() => ({
    remedy: 'The sizes of some weights do not match config.json. Check that all files belong to the same model.',
  })),
  tokenizerKey: reason(f => ({
    title: 'This tokenizer is not supported',
    remedy: `“${f.key}” in tokenizer.json is missing, damaged or of an unknown type. Choose another model, or download the file again.`,
  })),
  wrongNumbers: reason(() => ({
    title: 'This graphics adapter gives wrong numbers',
    remedy: 'Update the graphics driver or the browser, then run the check on the Device page.',
  })),
  kernelRefused: reason(f => ({
    remedy: `The driver did not accept the program “${f.label}”. Update the driver or the browser; if it happens again, send the report of the Device page.`,
  })),
  workerBlocked: reason(() => ({
    title: 'The background process could not start',
    remedy: 'The host or an extension blocks the script of this page. Reload the page; if that does not help, contact whoever hosts it.',
  })),
};
