/** Two more quantizers of rows for `quantizedSource`, beside the search: plain rounding, and calibration with moments of the activations. */

import { quantize } from '../weights/quantize.ts';
import { CalibratedColumns } from '../weights/quantize-calibrated.ts';
import type { Calibration } from './calibrate.ts';
import type { QuantizeRows } from './converted-file.ts';

/** Plain round-to-nearest, for comparison: what ONNX Runtime's quantizer does at the same bits. */
export const nearestRows: QuantizeRows = (values, rows, K, format) => quantize(values, rows, K, format, { method: 'rtn' });

/**
 * q4 rows by error feedback with the calibration's moments; q8 rows and matrices without moments by the search. The moments of one matrix are
 * held at a time (10 K² bytes or less: 40 MB at 2624 inputs, see docs/QUANTIZATION.md). The same adapter and choices of variants give the
 * same bytes again; another adapter sums in another order and may round a few codes differently.
 */
export function calibratedRows(calibration: Pick<Calibration, 'moments'>): QuantizeRows {
  let last: { slot: string; columns: CalibratedColumns | null } | null = null;
  return async (values, rows, K, format, slot) => {
    if (format !== 'q4') return quantize(values, rows, K, format);
    if (last?.slot !== slot) {
      last = null; // freed first, so that only one matrix's moments are held at a time
      const moments = await calibration.moments(slot);
      last = { slot, columns: moments && new CalibratedColumns(moments) };
    }
    return quantize(values, rows, K, format, { columns: last.columns ?? undefined });
  };
}
