/** A model as q4 that is fitted to texts, as a source: its weights are computed while they are read. */
import { InputError } from '../errors.ts';
import type { Environment } from '../inference/environment.ts';
import type { ModelSource } from '../source/source.ts';
import { Calibration } from './calibrate.ts';
import { calibratedRows } from './calibrated-rows.ts';
import { type ConvertedSource, quantizedSource } from './quantized-source.ts';

/** `dispose` it when everything was read. Errors: InputError where the weights are q4 or q8 already; those of `Calibration.open`. */
export async function calibratedSource(
  env: Pick<Environment, 'gpu' | 'whileWaiting'>,
  source: ModelSource,
  { texts, signal }: { texts?: readonly string[]; signal?: AbortSignal },
): Promise<{ model: ConvertedSource; dispose: () => void }> {
  const calibration = await Calibration.open(env, source, { texts, signal });
  try {
    const { stored } = calibration.reader;
    if (stored === 'q4' || stored === 'q8')
      throw new InputError(
        `${source.name} is stored as ${stored}. Calibration needs the original weights: keep the model as f16 or f32 first.`,
        {
          option: 'key',
        },
      );
    const model = await quantizedSource(source, { dtype: 'q4', signal, quantizeRows: calibratedRows(calibration) });
    return { model, dispose: () => calibration.dispose() };
  } catch (error) {
    calibration.dispose();
    throw error;
  }
}
