/** Describes where a check ran, and removes private parts of errors, so that the report can be shown to others. */
import { type ErrorData, errorToData } from '../errors.ts';

/** The browser's user agent, or Node's version and platform. */
export function platform(): string {
  const { process } = globalThis as { process?: { version?: unknown; platform?: unknown; arch?: unknown; versions?: { node?: unknown } } };
  if (process?.versions?.node) return `Node.js ${process.version}, ${process.platform} ${process.arch}`;
  return globalThis.navigator?.userAgent ?? 'unknown';
}

/** An error for a report: without stack and details, and with no local path in its text. */
export function failureOf(error: unknown): ErrorData {
  const { name, message } = errorToData(error);
  return { name, message: withoutPaths(message), details: {} };
}

/** Whole paths and addresses become `…/` and their last name; `a/b` within a word (a browser's name and version) stays. */
export function withoutPaths(text: string): string {
  const start = /(?<![\w.…/\\])(?:[a-z]+:\/{2,3}|[A-Za-z]:\\|~[\\/]|\.{1,2}[\\/]|[\\/])/.source;
  const name = /[^\s\\/:;,'"`()<>]+/.source;
  return text.replace(
    new RegExp(`${start}${name}(?::\\d+)?(?:[\\\\/]${name})*[\\\\/]?`, 'g'),
    path =>
      `…/${path
        .split(/[\\/]+/)
        .filter(Boolean)
        .at(-1)}`,
  );
}
