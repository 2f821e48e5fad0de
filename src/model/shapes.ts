/** Shapes of real models, in config.json's words: `base` and `large` as published for French; `mini` as embedded. */
export const benchShapes = {
  mini: { vocab_size: 7500, hidden_size: 256, num_hidden_layers: 4, num_attention_heads: 4, intermediate_size: 384 },
  base: { vocab_size: 32768, hidden_size: 768, num_hidden_layers: 22, num_attention_heads: 12, intermediate_size: 1152 },
  large: { vocab_size: 32768, hidden_size: 1024, num_hidden_layers: 28, num_attention_heads: 16, intermediate_size: 2624 },
} as const;
export type BenchShape = keyof typeof benchShapes;
