/** Two sentences compared, in English; French beside it. */
export const pairEn = {
  a: 'Sentence A',
  b: 'Sentence B',
  placeholder: 'A sentence with one [MASK]…',
  emptyTitle: 'Two sentences that differ in one thing',
  emptyBody: 'Give each sentence a mask, for example at the same place, or start from one of the examples.',
  most: 'Likeliest words compared',
  all: 'All',
  moreIn: (sentence: string) => `Likelier in ${sentence}`,
  ratio: 'Ratio',
  none: 'No difference.',
  hint: 'Differences are ratios of the probabilities at the first mask of each sentence. They show what the training texts made the model expect, biases included, not what is true.',
  scatter: 'Probability of every word in A and in B, on log scales; the tables give the largest differences.',
  scatterHint: 'A word on the dashed line is equally likely in both sentences. Point at one to see its name.',
  point: (word: string, a: string, b: string) => `“${word}”: ${a} in A, ${b} in B.`,
};
