/** Largest run.topK of the top-k kernels. In a file of its own, as the check of options needs this number and no kernel. */
export const maxTopK = 1000;
