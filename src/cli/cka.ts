import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { InputError } from '../errors.ts';
import { openTokenizer } from '../inference/open.ts';
import { openNodeSource } from '../node/environment.ts';
import { linearCka, type Representation } from '../training/cka.ts';
import { layerMeans } from '../training/layer-means.ts';
import { UsageError } from './args.ts';
import type { Command, Context } from './command.ts';
import { divergenceSvg } from './curves.ts';
import { table } from './format.ts';
import { fileError } from './lines.ts';
import { readTexts, textInput, textNotes, textOptions } from './text-input.ts';

interface LayerCka {
  layer: number;
  cka: number;
  divergence: number;
  /** Of A from the control, and how many times that the divergence is. */
  control?: number;
  ratio?: number;
}

export const cka: Command = {
  name: 'cka',
  summary: 'Compare what two models make of texts, layer by layer',
  usage: '[options] A B --texts FILE',
  options: {
    texts: { value: 'FILE', help: 'texts: .txt, .jsonl, .ndjson, .csv, .tsv; - is standard input' },
    ...textOptions,
    control: { value: 'MODEL', help: 'a third model: how far A is from it tells what chance alone does, such as another seed' },
    limit: { value: 'N', help: 'texts at most; default 500' },
    'max-tokens': { value: 'N', help: 'tokens of a text, longer ones are cut; default 512' },
    svg: { value: 'FILE', help: 'writes the divergences as a picture' },
    json: { help: 'JSON' },
  },
  notes: [
    ...textNotes,
    'Linear CKA of the mean hidden states of each layer, in f64. 1 is the same up to a rotation and a scale; the divergence is 1 - CKA.',
  ],
  examples: ['affinage cka run-mlm/model run-clm/model --control run-mlm-seed2/model --texts held-out.jsonl'],
  async run(context) {
    const { args, io, signal } = context;
    const [a, b, ...others] = args.texts;
    if (a === undefined || b === undefined || others.length > 0)
      throw new UsageError('give two models: folders, addresses, hub ids or mini');
    const file = args.text('texts');
    if (file === undefined) throw new UsageError('--texts is missing: a file of texts to compare on');
    const limit = args.integer('limit', 2) ?? 500;
    const maxTokens = args.integer('max-tokens', 8) ?? 512;
    const texts: string[] = [];
    for await (const { text } of readTexts(textInput(file, '--texts', args), context)) {
      if (text.trim() !== '') texts.push(text);
      if (texts.length === limit) break;
    }
    if (texts.length < 2)
      throw new InputError(`${file} holds ${texts.length} texts; CKA needs at least two, and some hundreds to mean much.`);
    const control = args.text('control');
    const first = await meansOf(a, texts, maxTokens, context);
    const second = await meansOf(b, texts, maxTokens, context);
    const third = control === undefined ? null : await meansOf(control, texts, maxTokens, context);
    signal.throwIfAborted();
    for (const [name, other] of [
      [b, second],
      [control, third],
    ] as const)
      if (other && other.length !== first.length)
        throw new InputError(`${a} has ${first.length} layers and ${name} ${other.length}; CKA compares layer by layer.`);
    const layers = first.map((x, l): LayerCka => {
      const value = linearCka(x, second[l]!);
      const divergence = 1 - value;
      if (!third) return { layer: l, cka: value, divergence };
      const noise = 1 - linearCka(x, third[l]!);
      return { layer: l, cka: value, divergence, control: noise, ratio: divergence / noise };
    });
    const mean = layers.reduce((sum, { divergence }) => sum + divergence / layers.length, 0);
    const svg = args.text('svg');
    if (svg !== undefined) {
      try {
        writeFileSync(resolve(svg), divergenceSvg(layers, `${a} and ${b}`));
      } catch (error) {
        throw fileError(error, svg, 'write');
      }
    }
    io.status('');
    await io.out(
      args.flag('json')
        ? `${JSON.stringify({ a, b, control, texts: texts.length, mean, layers })}\n`
        : readable(layers, mean, texts.length),
    );
  },
};

async function meansOf(name: string, texts: readonly string[], maxTokens: number, { io, env, signal }: Context): Promise<Representation[]> {
  const source = openNodeSource(name);
  const tokenizer = await openTokenizer(source, signal);
  const ids = texts.map(text => tokenizer.encode(text, { maxTokens }).ids);
  const onText = (done: number, total: number) => io.status(`${name}: ${done} of ${total} texts …`);
  return layerMeans(source, ids, { gpu: await env.gpu(), whileWaiting: env.whileWaiting, signal, onText });
}

function readable(layers: readonly LayerCka[], mean: number, texts: number): string {
  const share = (v: number) => `${(100 * v).toFixed(2)} %`;
  const withControl = layers[0]?.control !== undefined;
  return [
    table([
      ['layer', 'CKA', 'divergence', ...(withControl ? ['control', 'times'] : [])],
      ...layers.map(({ layer, cka: value, divergence, control, ratio }) => [
        String(layer),
        value.toFixed(4),
        share(divergence),
        ...(withControl ? [share(control!), ratio!.toFixed(1)] : []),
      ]),
    ]),
    `mean divergence ${share(mean)} over ${texts} texts\n`,
  ].join('\n');
}
