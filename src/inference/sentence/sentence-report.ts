/** What a report says of a model's vectors. */

import type { EmbeddingReport } from '../../types.ts';
import { type Sentence, type SentenceStep, sentenceDim, widthsOf } from './sentence.ts';

export function sentenceReport(sentence: Sentence, hiddenSize: number): EmbeddingReport {
  const { poolings, steps, prompts, defaultPrompt, includePrompt, similarity, maxTokens, lowerCase, refusal } = sentence;
  const dim = sentenceDim(sentence, hiddenSize);
  return {
    from: sentence.declared ? 'modules.json' : 'defaults',
    dim,
    pooling: [...poolings],
    layers: steps.map(describe),
    truncated: dim < widthsOf(poolings.length, hiddenSize, steps).at(-1)!,
    maxTokens,
    lowerCase,
    prompts: { ...prompts },
    defaultPrompt,
    includePrompt,
    similarity,
    refused: refusal,
  };
}

function describe(step: SentenceStep): string {
  if (step.kind === 'normalize') return 'Normalize';
  if (step.kind === 'layernorm') return `LayerNorm ${step.size}`;
  return `Dense ${step.inputs}→${step.outputs} ${step.activation}${step.residual ? ' residual' : ''}`;
}
