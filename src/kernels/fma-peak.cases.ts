import { caseInstance, caseSet } from './checking/cases.ts';
import { fmaPeakRef } from './fma-peak.ref.ts';
import { fmaPeak, fmaPeakThreads, fmaPeakUnroll } from './fma-peak.ts';

export const fmaPeakCases = caseSet({
  kernel: 'fma-peak',
  variants: [{ name: 'only', runsOn: () => true, suits: () => true }],
  storages: ['f32'],
  cases: [1, 100, 1024].map(steps => ({
    name: `${steps} steps`,
    quick: steps === 100,
    make: () =>
      caseInstance({
        kernel: fmaPeak(steps),
        run: { workgroups: 3 },
        buffers: [
          { name: 'factor', type: 'f32', kind: 'read', data: Float32Array.of(1, 2) },
          { name: 'y', type: 'f32', kind: 'write', data: new Float32Array(3 * fmaPeakThreads) },
        ],
        reference: ({ factor }) => ({ y: fmaPeakRef(3 * fmaPeakThreads, steps * fmaPeakUnroll, factor[1]!) }),
        maxNmse: 0,
      }),
  })),
});
