import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, ModelFileError, ModelSourceError } from '../../../src/errors.ts';
import { checkSentenceLength, readSentence, sentenceDim, widthsOf } from '../../../src/inference/sentence/sentence.ts';
import { readConfig } from '../../../src/model/config.ts';
import { Notes } from '../../../src/notes.ts';
import { readLayout } from '../../../src/source/modules.ts';
import { f32, safetensorsFile } from '../../../src/testing/safetensors-file.ts';
import { sourceOf } from '../source.ts';
import { demand, json, type Target } from '../target.ts';

/** The files of sentence-transformers beside a model: the list of modules, settings, lengths and prompts. */
export const sentenceTarget: Target = {
  name: 'sentence-transformers folder',
  share: 6,
  async prepare(root) {
    const config = readConfig(await readFile(join(root, 'oracle/fixtures/models/base-only-f32/config.json')));
    const { hiddenSize } = config;
    const type = (name: string) => `sentence_transformers.models.${name}`;
    const files = {
      'modules.json': json(
        ['Transformer', 'Pooling', 'Dense', 'Normalize'].map((name, idx) => ({
          idx,
          name: String(idx),
          path: idx === 0 ? '' : `${idx}_${name}`,
          type: type(name),
        })),
      ),
      'config_sentence_transformers.json': json({
        prompts: { query: 'query: ', document: '' },
        default_prompt_name: 'query',
        similarity_fn_name: 'cosine',
      }),
      'sentence_bert_config.json': json({ max_seq_length: 128, do_lower_case: false }),
      '1_Pooling/config.json': json({
        word_embedding_dimension: hiddenSize,
        pooling_mode_cls_token: true,
        pooling_mode_mean_tokens: true,
        include_prompt: true,
      }),
      '2_Dense/config.json': json({
        in_features: 2 * hiddenSize,
        out_features: 8,
        bias: true,
        activation_function: 'torch.nn.modules.activation.Tanh',
      }),
      '2_Dense/model.safetensors': new Uint8Array(
        safetensorsFile({
          'linear.weight': f32([8, 2 * hiddenSize], new Float32Array(16 * hiddenSize).fill(0.5)),
          'linear.bias': f32([8], new Float32Array(8)),
        }),
      ),
    };
    return {
      files,
      mutable: Object.keys(files)
        .filter(path => path.endsWith('.json'))
        .map(path => ({ path, share: 1, json: true, same: true })),
      families: [ConfigError, ModelFileError, ModelSourceError],
      async attempt(given) {
        const source = sourceOf(given);
        const layout = await readLayout(source);
        const sentence = await readSentence(source, layout, config, new Notes());
        checkSentenceLength(sentence, 2, source.name);
        const { poolings, steps, maxTokens, prompts, defaultPrompt, truncateDim } = sentence;
        for (const width of widthsOf(poolings.length, hiddenSize, steps))
          demand(Number.isSafeInteger(width) && width > 0, `a width of ${width}`);
        demand(sentenceDim(sentence, hiddenSize) > 0 && poolings.length > 0, 'vectors without numbers');
        demand(
          maxTokens === null || (Number.isSafeInteger(maxTokens) && maxTokens > 2 && maxTokens <= config.maxPositions),
          `a length of ${maxTokens}`,
        );
        demand(truncateDim === null || (Number.isSafeInteger(truncateDim) && truncateDim > 0), `vectors cut to ${truncateDim}`);
        demand(
          Object.values(prompts).every(prompt => typeof prompt === 'string'),
          'a prompt is no text',
        );
        demand(defaultPrompt === null || Object.hasOwn(prompts, defaultPrompt), 'the default prompt is none');
        // Sorted, as the order of the prompts is that of the file.
        return { ...sentence, prompts: Object.entries(prompts).sort() };
      },
    };
  },
};
