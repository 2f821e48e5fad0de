/** The forward pass for training: model/modernbert.ts with the options that only training has. */
import type { DeviceLayer, DeviceWeights } from '../model/device-weights.ts';
import { type LayerHooks, layer } from '../model/modernbert.ts';
import type { TrainingWords } from './training-words.ts';

/**
 * Embeddings and all layers, with their backward pass on the tape. With `recompute` nothing of a layer is kept but the residual stream before
 * it: the backward pass lists the layer's forward again. It costs a third more time and takes most of the activations' memory away.
 */
export function trainingTrunk(m: TrainingWords, weights: DeviceWeights, recompute: boolean): void {
  const x = m.embed(weights.embedding, weights.embeddingNorm);
  weights.layers.forEach((w, l) => {
    const list = () => layer(m, x, w, m.config.layerKinds[l]!, dropoutOf(m, w, l));
    if (!recompute) {
      list();
      return;
    }
    const kept = m.keep();
    m.silently(list);
    m.record(() => {
      m.restore(kept);
      list(); // what it records comes next in the backward pass
    });
  });
}

function dropoutOf(m: TrainingWords, { Wo }: DeviceLayer, l: number): LayerHooks {
  if (m.setup.dropout === 0) return {};
  return { project: (matrix, input, plain) => (matrix === 'attn.Wo' ? m.droppedResidual(input, Wo, l) : plain()) };
}
