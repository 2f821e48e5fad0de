import { checkEn } from './en-check.ts';
import { codeEn } from './en-code.ts';
import { deviceEn } from './en-device.ts';
import { fillEn } from './en-fill.ts';
import { lessonEn } from './en-lesson.ts';
import { libraryEn } from './en-library.ts';
import { mapEn } from './en-map.ts';
import { modelsEn } from './en-models.ts';
import { pageEn } from './en-page.ts';
import { privateEn } from './en-private.ts';
import { readEn } from './en-read.ts';
import { reasonsEn } from './en-reasons.ts';
import { searchEn } from './en-search.ts';

/** Every string of the page in English; `fr.ts` must have the same keys with the same parameters. */
export const en = {
  languageName: 'English',
  appTagline: 'Clinical French, analysed on your own machine',
  skipToContent: 'Skip to content',
  nav: { label: 'Pages', fill: 'Fill-mask', read: 'Reading', search: 'Search', embed: 'Compare', models: 'Models', device: 'Device' },
  titles: {
    fill: 'Fill in the mask',
    read: 'Read a long text',
    search: 'Search your reports',
    embed: 'Compare texts',
    models: 'Choose a model',
    device: 'This device',
  },
  intro: {
    fill: 'Hide a word of a sentence; the model predicts the most likely words in its place.',
    read: 'How much each word of a document surprises the model: a proof-reader’s eye for the drug, the dose or the side that does not fit.',
    search: 'Your documents, cut into passages, are indexed and searched on this machine.',
    embed: 'Each text becomes a vector. The cosine of two vectors tells how alike the two texts are for the model.',
    models:
      'The built-in model works at once and offline. Larger models are downloaded from the Hugging Face hub or read from your disk, and run here.',
    device: 'The hardware in use, its memory and its speed.',
  },
  settings: {
    language: 'Language',
    theme: 'Theme',
    light: 'Light',
    dark: 'Dark',
    system: 'System',
    shortcuts: 'Keyboard shortcuts',
  },
  status: {
    loading: (name: string) => `Loading ${name}…`,
    ready: (name: string) => `${name} is ready`,
    failed: 'No model in use',
    lost: 'The model stopped',
    software: 'emulated GPU, slow',
    predicted: (masks: number, time: string) =>
      masks === 1 ? `Predictions ready in ${time}` : `Predictions for ${masks} masks ready in ${time}`,
    embedded: (texts: number, time: string) => `${texts} ${texts === 1 ? 'text' : 'texts'} compared in ${time}`,
    progress: (percent: string) => `${percent} done`,
    paused: 'Stopping. The verified part is kept.',
    copied: 'Copied',
    notCopied: 'The browser refused to copy',
    modelPill: 'Model in use:',
  },
  footer: {
    notice: 'A tool for research and demonstration. Its answers reproduce the biases of its training data and must not guide care.',
    privacy: 'Your text never leaves this machine: the page has no server to send it to.',
    mini: 'The built-in model “mini” is small and learnt from generated sentences and published cases.',
  },
  fill: fillEn,
  cost: {
    label: 'Cost of this request',
    tokens: (n: string) => `${n} tokens`,
    flops: (n: string) => `≈ ${n}`,
    memory: (size: string) => `${size} of GPU memory`,
    time: (time: string) => `≈ ${time} here`,
    unknownTime: 'time unknown before the first run',
    running: 'Computing',
    share: (percent: string) => `${percent} done`,
    cancel: 'Stop',
    longTitle: 'Long computation',
    longBody: (time: string) => `About ${time} on this device. It starts when you confirm.`,
    stoppedTitle: 'Stopped',
    stoppedBody: 'Nothing was computed for the current text.',
    go: 'Compute now',
    held: 'not computed for this text',
  },
  embed: {
    texts: 'Texts',
    textsHint: 'One text per line. Pasting several lines adds several texts.',
    text: (n: number) => `Text ${n}`,
    add: 'Add a text',
    remove: (n: number) => `Remove text ${n}`,
    clear: 'Remove all',
    example: 'Load the example',
    matrix: 'Similarity',
    matrixCaption: 'Cosine similarity of every pair of texts',
    query: 'Query',
    queryPlaceholder: 'douleur thoracique à l’effort',
    queryHint: 'The texts are ranked by how close they are to it.',
    ranking: 'Texts nearest to the query',
    rank: 'Rank',
    score: 'Cosine',
    honest: 'How to read these results',
    honestBody:
      'These vectors are the mean of the last layer of a masked language model. It was never trained for similarity: unrelated texts may score high, and a short query often ranks longer texts poorly, especially with the small built-in model. Test it on your own texts before you rely on it.',
    folderBody: (pooling: string, prompt: string) =>
      `The files of this model say how its vectors are made (pooling: ${pooling}).${prompt && ` They put “${prompt}” before every text.`} Test it on your own texts before you rely on it.`,
    exportCsv: 'Vectors as CSV',
    exportJson: 'Vectors as JSON',
    needTwo: 'At least two texts',
    needTwoBody: 'Write at least two texts to compare them.',
    limit: (n: string) => `At most ${n} texts here; the command line has no such limit.`,
    cutNotice: (n: string) => `Texts longer than ${n} tokens are truncated.`,
    dims: (n: string) => `${n} dimensions`,
  },
  read: readEn,
  code: codeEn,
  lesson: lessonEn,
  page: pageEn,
  private: privateEn,
  reasons: reasonsEn,
  search: searchEn,
  map: mapEn,
  models: modelsEn,
  library: libraryEn,
  device: deviceEn,
  check: checkEn,
  noGpu: {
    title: 'This browser gives no access to a graphics processor',
    body: 'The model runs on WebGPU, a recent standard. A few settings are usually enough; your text stays here in the meantime.',
    insecure: 'This page comes from another machine over http. Browsers offer WebGPU only over https or on localhost.',
    noAdapter: 'The browser supports WebGPU but found no adapter that it can use.',
    chromium: 'Chrome, Edge and other Chromium browsers',
    chromiumSteps: [
      'Use version 113 or later (Android: 121 or later).',
      'In the settings, under “System”, switch on “Use graphics acceleration when available”, then restart the browser.',
      'Open chrome://gpu and look at the line “WebGPU”.',
      'If the graphics card is on the block list, chrome://flags/#enable-unsafe-webgpu overrides the list, at your own risk.',
    ],
    firefox: 'Firefox',
    firefoxSteps: [
      'Windows: version 141 or later. macOS with an Apple processor: 145 or later.',
      'Elsewhere: open about:config and set dom.webgpu.enabled to true, then restart.',
      'Still no adapter: set gfx.webgpu.ignore-blocklist to true.',
    ],
    safari: 'Safari',
    safariSteps: [
      'macOS 26, iOS 26 or iPadOS 26 and later: WebGPU is on.',
      'Safari 18 on older systems: Settings, Feature Flags, switch on “WebGPU”.',
    ],
    linux: 'Linux',
    linuxSteps: [
      'Install a Vulkan driver: on Debian and Ubuntu, the package mesa-vulkan-drivers (or NVIDIA’s driver).',
      'Start Chromium with --enable-unsafe-webgpu --enable-features=Vulkan.',
    ],
    yours: 'your browser',
    yourSystem: 'your system',
    retry: 'Try again',
    cli: 'Without a browser, the command line does the same in Node: npx affinage.',
  },
  errors: {
    detail: 'Technical details',
    retry: 'Try again',
    names: {
      NoAdapterError: { title: 'No graphics adapter', remedy: 'Use another browser, switch WebGPU on, or install a Vulkan driver.' },
      AdapterLimitError: { title: 'This device cannot run this model', remedy: 'Choose a smaller model or a lower precision.' },
      DeviceLostError: {
        title: 'The graphics processor was lost',
        remedy: 'This happens after sleep or when the driver restarts. Load the model again; your text is kept.',
      },
      GpuError: {
        title: 'The graphics driver refused a program',
        remedy: 'Load the model again. If it happens again, send the report from the Device page.',
      },
      NonFiniteError: {
        title: 'The model computes infinite or undefined numbers',
        remedy: 'Load it with precision f32. If that fails as well, its weights are broken: download it again.',
      },
      OutOfMemoryError: {
        title: 'The graphics memory is full',
        remedy: 'Close other pages, shorten the text, or choose a lower precision.',
      },
      ModelSourceError: { title: 'The model could not be read', remedy: 'Check the id or the address, and the connection.' },
      StorageError: {
        title: 'The storage for models cannot be used',
        remedy:
          'Check that the browser may store data for this page (a private window may forbid it), or use the model without keeping it.',
      },
      StorageFullError: {
        title: 'There is not enough space to keep the model',
        remedy: 'Delete another model, free space on the disk, or use the model without keeping it.',
      },
      ModelFileError: { title: 'A file of the model is damaged', remedy: 'Download it again; do not rely on this copy.' },
      ConfigError: { title: 'This kind of model is not supported', remedy: 'Choose a ModernBERT trained for masked prediction.' },
      TensorError: { title: 'The weights do not match the configuration', remedy: 'Check that all the files belong to the same model.' },
      TokenizerError: { title: 'The tokenizer cannot be used', remedy: 'Check tokenizer.json.' },
      InputError: { title: 'The text cannot be processed as it is', remedy: 'Change the text or the option named below.' },
      InputTooLongError: { title: 'The text is longer than the context of the model', remedy: 'Shorten it, or use only its beginning.' },
      DisposedError: { title: 'The model was closed', remedy: 'Load it again.' },
      WorkerCrashedError: { title: 'The background process stopped', remedy: 'Load the model again; your text is kept.' },
      Error: { title: 'Something unexpected happened', remedy: 'Try again; if it happens again, please report it with the text below.' },
    },
  },
  shortcuts: {
    title: 'Keyboard shortcuts',
    close: 'Close',
    single: 'Single-key shortcuts',
    singleHint: 'Switch them off if you dictate or use an assistive keyboard.',
    run: 'Predict now',
    mask: 'Insert a mask at the cursor',
    write: 'Write, or hide words',
    jump: 'Next, previous surprising word (Reading)',
    views: 'Go to a page',
    theme: 'Change the theme',
    focus: 'Go to the text',
    help: 'Show this list',
    escape: 'Close, or leave the field',
  },
  update: { ready: 'A new version of this page is ready.', reload: 'Reload now', later: 'Later', offline: 'This page now works offline.' },
  crash: { title: 'The page ran into an error', reload: 'Reload the page' },
};

export type Dictionary = typeof en;
