/** Weights on the GPU, as kernels read them. */
import type { WeightFormat } from '../weights/formats.ts';

/** Rows [firstRow, firstRow + rows) of a matrix: one binding of at most 128 MiB. */
export interface Shard {
  firstRow: number;
  rows: number;
  w: GPUBuffer;
  /** f16 scales of q8 and q4. */
  scale: GPUBuffer | null;
}

/** [N, K], K padded to a multiple of 32. */
export interface DeviceMatrix {
  N: number;
  K: number;
  format: WeightFormat;
  shards: Shard[];
}

export interface DeviceLinear {
  matrix: DeviceMatrix;
  bias: GPUBuffer | null;
}

export interface DeviceNorm {
  weight: GPUBuffer;
  bias: GPUBuffer | null;
}
