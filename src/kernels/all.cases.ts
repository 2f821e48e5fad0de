/** Every kernel's cases. A kernel that is not in this list fails `kernels.gpu.test.ts`. */

import { activationCases } from './activation.cases.ts';
import { activationBackwardCases } from './activation-backward.cases.ts';
import { adamwCases } from './adamw.cases.ts';
import { attentionCases } from './attention.cases.ts';
import { attentionBackCases } from './attention-back.cases.ts';
import { attentionDotsCases } from './attention-dots.cases.ts';
import type { CaseSet } from './checking/cases.ts';
import { columnSumCases } from './column-sum.cases.ts';
import { convertCases } from './convert.cases.ts';
import { crossEntropyBackwardCases } from './cross-entropy-backward.cases.ts';
import { crossEntropyStatsCases } from './cross-entropy-stats.cases.ts';
import { denseCases } from './dense.cases.ts';
import { dropoutCases } from './dropout.cases.ts';
import { embedCases } from './embed.cases.ts';
import { fmaPeakCases } from './fma-peak.cases.ts';
import { gateCases } from './gate.cases.ts';
import { gateBackwardCases } from './gate-backward.cases.ts';
import { gatherRowsCases } from './gather-rows.cases.ts';
import { layernormCases } from './layernorm.cases.ts';
import { layernormBackwardCases } from './layernorm-backward.cases.ts';
import { matmulCases } from './matmul.cases.ts';
import { normalizeCases } from './normalize.cases.ts';
import { poolCases } from './pool.cases.ts';
import { quantizeCases } from './quantize.cases.ts';
import { ropeBackwardCases } from './rope-backward.cases.ts';
import { rowDotsCases } from './row-dots.cases.ts';
import { scatterRowsCases } from './scatter-rows.cases.ts';
import { softmaxStatsCases } from './softmax-stats.cases.ts';
import { squareSumCases } from './square-sum.cases.ts';
import { targetScoresCases } from './target-scores.cases.ts';
import { topkCases } from './topk.cases.ts';
import { transposeCases } from './transpose.cases.ts';
import { watchCases } from './watch.cases.ts';

export const allCases: readonly CaseSet[] = [
  activationCases,
  activationBackwardCases,
  adamwCases,
  crossEntropyBackwardCases,
  crossEntropyStatsCases,
  gatherRowsCases,
  scatterRowsCases,
  squareSumCases,
  ...attentionCases,
  ...attentionBackCases,
  attentionDotsCases,
  fmaPeakCases,
  columnSumCases,
  convertCases,
  denseCases,
  dropoutCases,
  embedCases,
  gateCases,
  gateBackwardCases,
  layernormCases,
  layernormBackwardCases,
  ...matmulCases,
  normalizeCases,
  poolCases,
  quantizeCases,
  ropeBackwardCases,
  rowDotsCases,
  softmaxStatsCases,
  targetScoresCases,
  ...topkCases,
  transposeCases,
  watchCases,
];

/** Of the kernels that models run: what a check of a device and a first load are about. */
export const modelCases = allCases.filter(set => !set.training);
