/** Wrapper of shaders/layernorm.wgsl. */
import { compose } from '../gpu/shader.ts';
import { ceilDiv, grid1d, type Kernel } from '../gpu/step.ts';
import { elemAliases, elemBytes, type Storage, type Variant } from './variants.ts';

export type LayernormVariant = 'threads' | 'rows';

/** `threads`: 64 threads share a row (GPUs). `rows`: one thread a row, no workgroup memory (software adapters). */
export const layernormVariants: readonly Variant<LayernormVariant>[] = [
  { name: 'threads', runsOn: () => true, suits: profile => !profile.software },
  { name: 'rows', runsOn: () => true, suits: profile => profile.software },
];

export interface LayernormShape {
  /** Row length, divisible by 4. */
  H: number;
  eps: number;
  hasBias: boolean;
  /** Rows come through `row_index`, their count is run.rows; else every token. */
  gather: boolean;
  storage: Storage;
  variant: LayernormVariant;
}

const layouts = { threads: { threads: 64, rows: 1 }, rows: { threads: 16, rows: 16 } } as const;

/** Bindings: x, weight, bias (any buffer without bias), row_index (any buffer without gather), y, run. */
export function layernorm({ H, eps, hasBias, gather, storage, variant }: LayernormShape): Kernel {
  const { threads, rows } = layouts[variant];
  const code = compose('layernorm', {
    constants: { H, EPS: eps, HAS_BIAS: hasBias, GATHER: gather, ROWS: rows, THREADS: threads },
    aliases: elemAliases(storage),
  });
  return {
    label: `layernorm.${variant} ${H}${gather ? ' gather' : ''}`,
    code,
    bindings: ['read', 'read', 'read', 'read', 'write', 'uniform'],
    grid: run => grid1d(ceilDiv(gather ? run.rows : run.tokens, rows)),
    cost: run => {
      const count = gather ? run.rows : run.tokens;
      return { flops: 8 * count * H, bytes: count * H * (4 + elemBytes(storage)) };
    },
  };
}
