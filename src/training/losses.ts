/** The mean loss and the accuracy of labelled tokens, from what the GPU gives for each (kernels/cross-entropy-stats.ts). */

export interface Losses {
  /** Mean cross-entropy in nats of the labelled tokens; NaN where a logit was not finite, 0 without any. */
  loss: number;
  /** Share of the labelled tokens whose own logit is the largest (one of the largest). */
  accuracy: number;
  labelled: number;
}

export const noLosses: Losses = { loss: 0, accuracy: 0, labelled: 0 };

/** The losses with more rows of statistics: (largest logit m, Σ e^(x−m), the label's logit, count of logits that are not finite). */
export function withRows({ loss, accuracy, labelled }: Losses, stats: Float32Array): Losses {
  const rows = stats.length / 4;
  let sum = loss * labelled;
  let right = accuracy * labelled;
  for (let r = 0; r < rows; r++) {
    const [m, total, own, broken] = stats.subarray(4 * r, 4 * r + 4) as unknown as [number, number, number, number];
    sum += broken > 0 ? Number.NaN : m + Math.log(total) - own;
    right += broken === 0 && own >= m ? 1 : 0;
  }
  const all = labelled + rows;
  return all === 0 ? noLosses : { loss: sum / all, accuracy: right / all, labelled: all };
}
