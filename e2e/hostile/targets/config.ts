import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, ModelFileError, ModelSourceError } from '../../../src/errors.ts';
import { readConfig } from '../../../src/model/config.ts';
import { inverseFrequencies } from '../../../src/model/rope.ts';
import { demand, type Target } from '../target.ts';

/** config.json of every dialect that the fixtures have. */
export function configTarget(model: string, share: number): Target {
  return {
    name: `config ${model}`,
    share,
    async prepare(root) {
      const bytes = new Uint8Array(await readFile(join(root, 'oracle/fixtures/models', model, 'config.json')));
      return {
        files: { 'config.json': bytes },
        mutable: [{ path: 'config.json', share: 1, json: true, same: true }],
        families: [ConfigError, ModelFileError, ModelSourceError],
        async attempt(files) {
          const given = files['config.json'] as Uint8Array;
          const config = readConfig(given);
          const { vocabSize, hiddenSize, layers, heads, headDim, intermediateSize, maxPositions, window, ropeTheta, normEps } = config;
          for (const [name, value] of Object.entries({ vocabSize, hiddenSize, layers, heads, headDim, intermediateSize, maxPositions }))
            demand(Number.isSafeInteger(value) && value > 0, `${name} is ${value}`);
          demand(heads * headDim === hiddenSize && config.layerKinds.length === layers, 'sizes do not fit together');
          demand(Number.isSafeInteger(window) && window >= 0 && window <= maxPositions, `window is ${window}`);
          demand(Number.isFinite(normEps) && Math.fround(normEps) > 0, `normEps is ${normEps}`);
          for (const theta of [ropeTheta.global, ropeTheta.local]) {
            const frequencies = inverseFrequencies(theta, headDim);
            demand(
              frequencies.every(f => Number.isFinite(f * maxPositions) && f > 0),
              `theta ${theta} gives a frequency that is no number`,
            );
          }
          // Each value that was read must be the one in the file.
          const said = JSON.parse(new TextDecoder().decode(given).replace(/^\uFEFF/, '')) as Record<string, unknown>;
          const pairs = {
            vocab_size: vocabSize,
            hidden_size: hiddenSize,
            num_hidden_layers: layers,
            num_attention_heads: heads,
            intermediate_size: intermediateSize,
            norm_eps: normEps,
          };
          for (const [name, value] of Object.entries(pairs))
            demand(
              said[name] === undefined || said[name] === null || said[name] === value,
              `${name} is ${String(said[name])} in the file and ${value} here`,
            );
          return config;
        },
      };
    },
  };
}
