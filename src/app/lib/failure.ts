/** Errors as the page keeps them: the class chooses the headline in the user's language, the engine's text is the detail. */
import { errorToData } from '../../errors.ts';

export interface Failure {
  name: string;
  message: string;
  details: Record<string, unknown>;
}

export function toFailure(error: unknown): Failure {
  const { name, message, details } = errorToData(error);
  return { name, message, details };
}

export const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';

/** The model is gone and must be loaded again before anything else works. */
export const isModelGone = (name: string): boolean =>
  name === 'DeviceLostError' || name === 'WorkerCrashedError' || name === 'DisposedError';

/** The hub wants to know who asks, or says that this one may not. */
export const asksForToken = ({ details }: Failure): boolean =>
  details.needsToken === true || details.status === 401 || details.status === 403;
