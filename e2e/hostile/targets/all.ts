import type { Target } from '../target.ts';
import { forgedTarget, linksTarget, stoppedTarget } from './cache.ts';
import { callsTarget } from './calls.ts';
import { configTarget } from './config.ts';
import { importTarget, libraryTarget } from './library.ts';
import { linesTarget } from './lines.ts';
import { sentenceTarget } from './sentence.ts';
import { tokenizerBases, tokenizerTarget } from './tokenizer.ts';
import { weightsTarget } from './weights.ts';

export const targets: readonly Target[] = [
  configTarget('published-bf16', 6),
  configTarget('head128-f16', 3),
  configTarget('quantized-q4', 3),
  ...tokenizerBases.map(tokenizerTarget),
  weightsTarget('base-only-f32', 3),
  weightsTarget('quantized-q4', 3),
  weightsTarget('sharded-f32', 5),
  sentenceTarget,
  libraryTarget,
  importTarget(false, 3),
  importTarget(true, 3),
  linksTarget,
  stoppedTarget,
  forgedTarget,
  callsTarget,
  linesTarget('txt', 2),
  linesTarget('jsonl', 2),
  linesTarget('csv', 2),
];
