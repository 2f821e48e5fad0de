/** How the tokens of a sequence become one vector, in the order of the shader's MODE; the names are those of sentence-transformers. */
export const poolModes = ['mean', 'cls', 'max', 'mean_sqrt_len_tokens', 'weightedmean', 'lasttoken'] as const;
export type PoolMode = (typeof poolModes)[number];
