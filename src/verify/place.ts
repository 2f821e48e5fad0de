/** Where a check runs, and its errors in a form that may be shown to others. */
import { type ErrorData, errorToData } from '../errors.ts';

/** The browser's user agent, or Node's version and platform. */
export function platform(): string {
  const { process } = globalThis as { process?: { version?: unknown; platform?: unknown; arch?: unknown; versions?: { node?: unknown } } };
  if (process?.versions?.node) return `Node.js ${process.version}, ${process.platform} ${process.arch}`;
  return globalThis.navigator?.userAgent ?? 'unknown';
}

/** An error for a report: without its stack and its facts, and no path of this machine in its text. */
export function failureOf(error: unknown): ErrorData {
  const { name, message } = errorToData(error);
  return { name, message: withoutPaths(message), details: {} };
}

/** Folders and addresses become `…/` and their last name. */
export function withoutPaths(text: string): string {
  return text.replace(
    /(?:[a-z]+:\/\/|[A-Za-z]:(?=\\)|~(?=[\\/])|\.{1,2}(?=[\\/]))?(?:[\\/]?[^\s\\/:;,'"`()<>]+)?(?:[\\/][^\s\\/:;,'"`()<>]+)+[\\/]?/g,
    path => {
      const parts = path.split(/[\\/]+/).filter(Boolean);
      return /[\\/]/.test(path) && parts.length > 1 ? `…/${parts.at(-1)}` : path;
    },
  );
}
