/** Largest run.topK of the top-k kernels. Its own file: what checks options needs the number and no kernel. */
export const maxTopK = 1000;
