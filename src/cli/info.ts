import type { EmbeddingReport, ModelReport } from '../types.ts';
import { type Command, modelOptions, precisionOptions, variantsOption } from './command.ts';
import { bytes, printable, table } from './format.ts';
import { withModel } from './model.ts';
import { variantNotes } from './variants.ts';

export const info: Command = {
  name: 'info',
  summary: 'Show the GPU adapter, the model, and the kernel variants chosen for both',
  usage: '[options]',
  options: { ...modelOptions, ...precisionOptions, ...variantsOption, json: { help: 'JSON' } },
  notes: variantNotes,
  examples: ['affinage info', 'affinage info --model almanach/ModernCamemBERT-bio-large --dtype q4 --json'],

  async run(context) {
    const { args, io, env } = context;
    const report = await withModel(context, model => model.report(), { ownNotes: true });
    const place = { version: env.version, node: process.version, platform: `${process.platform}-${process.arch}` };
    await io.out(args.flag('json') ? `${JSON.stringify({ ...place, ...report })}\n` : readable(place, report));
  },
};

function readable(place: { version: string; node: string; platform: string }, report: ModelReport): string {
  const { adapter, architecture: a, gpuBytes, times } = report;
  const features = Object.entries({
    'shader-f16': adapter.features.shaderF16,
    subgroups: adapter.features.subgroups,
    'timestamp-query': adapter.features.timestampQuery,
  });
  const subgroup = adapter.subgroupSize;
  const variants = report.variants.map(({ task, chosen, candidates, remembered, forced }) => {
    const others = candidates
      .filter(candidate => candidate.variant !== chosen || candidate.refused)
      .map(({ variant, ms, refused }) =>
        refused ? `${variant} refused: ${refused}` : `${variant}${ms === null ? '' : ` ${ms.toFixed(2)} ms`}`,
      );
    const own = candidates.find(({ variant }) => variant === chosen)?.ms;
    return [
      task,
      chosen,
      own === null || own === undefined ? '' : `${own.toFixed(2)} ms`,
      forced ? 'asked for' : remembered ? 'remembered' : 'measured',
      others.join(', '),
    ];
  });
  const limits = Object.entries(adapter.limits).map(([name, value]) => [
    name,
    value >= 2 ** 20 ? `${value} (${bytes(value)})` : String(value),
  ]);
  return [
    `affinage ${place.version} on Node ${place.node}, ${place.platform}\n`,
    '\nAdapter\n',
    table([
      ['name', printable(adapter.description)],
      ['vendor', printable([adapter.vendor, adapter.architecture].filter(Boolean).join(', '))],
      ['kind', adapter.software ? 'software: correct, but slow' : 'hardware'],
      ...features.map(([name, there]) => [name, there ? 'yes' : 'no']),
      ...(subgroup ? [['subgroup size', subgroup.min === subgroup.max ? String(subgroup.min) : `${subgroup.min} to ${subgroup.max}`]] : []),
    ]),
    '\nLimits\n',
    table(limits),
    '\nModel\n',
    table([
      ['name', printable(report.name)],
      ['shape', `${a.layers} layers × ${a.hidden}, ${a.heads} heads, ${a.intermediate} inner, ${a.vocab} words, context ${a.context}`],
      ['parameters', `${(a.parameters / 1e6).toFixed(1)} million`],
      ['weights', report.dtype],
      ['activations', `${report.storage} (sums in f32)`],
      ['GPU memory', `${bytes(gpuBytes.weights)} weights, ${bytes(gpuBytes.activations)} activations, ${bytes(gpuBytes.peak)} at most`],
      [
        'load',
        `${Math.round(times.loadMs)} ms reading, ${Math.round(times.tuneMs)} ms measuring, ${Math.round(times.compileMs)} ms compiling`,
      ],
      ['mask', printable(report.maskToken)],
    ]),
    '\nVectors\n',
    table(vectorRows(report.embedding)),
    ...(report.notes.length > 0 ? ['\nWhat was assumed\n', ...report.notes.map(note => `  ${printable(note)}\n`)] : []),
    '\nKernel variants\n',
    table(variants),
  ].join('');
}

/** How `embed` makes a vector. */
function vectorRows(vectors: EmbeddingReport): string[][] {
  const prompts = Object.entries(vectors.prompts).map(
    ([name, text]) => `${name} ${JSON.stringify(text)}${name === vectors.defaultPrompt ? ' (default)' : ''}`,
  );
  return [
    ['as said by', vectors.from === 'modules.json' ? 'modules.json' : 'nothing: the defaults of affinage'],
    ['numbers', `${vectors.dim}${vectors.truncated ? ', cut to that' : ''}`],
    ['pooling', vectors.refused === null ? vectors.pooling.join(' + ') : `none by default: ${printable(vectors.refused)}`],
    ['then', vectors.layers.join(', ') || 'nothing: vectors keep their length'],
    ...(vectors.maxTokens === null ? [] : [['texts cut to', `${vectors.maxTokens} tokens`]]),
    ...(vectors.lowerCase ? [['letters', 'lower-cased']] : []),
    ...(prompts.length === 0
      ? []
      : [['prompts', `${printable(prompts.join(', '))}${vectors.includePrompt ? '' : '; their tokens are not pooled'}`]]),
    ...(vectors.similarity === null ? [] : [['similarity', printable(vectors.similarity)]]),
  ];
}
