/** Types that the parts of `describeHub` share. */

import type { Target } from './http-errors.ts';
import type { HttpOptions } from './http-request.ts';
import { checkPath } from './path.ts';
import type { RemoteFile } from './remote.ts';

/** The files of a model: as the hub's API lists them, or from a host that is asked for each file. */
export interface Listing {
  commit: string | null;
  licence: string | null;
  /** Every path, where the host lists them. */
  paths: readonly string[] | null;
  /** Files in whose place a web page came, and the host that sent it. */
  pages?: ReadonlyMap<string, string>;
  /** Null when it is not there. Errors: ModelSourceError. */
  find(path: string): Promise<RemoteFile | null>;
}

/** The place to describe: its name for errors, the address of its files, and the request options. */
export interface Place {
  name: string;
  /** Address of the folder, with a trailing slash and perhaps a query (a signature). */
  base: URL;
  hub: { base: string; id: string; revision: string } | null;
  options: HttpOptions;
  signal: AbortSignal | undefined;
}

/** The request for one file of it. Errors: ModelFileError on a hostile path. */
export function targetOf(place: Place, path: string): Target {
  const url = new URL(place.base);
  url.pathname += checkPath(path).split('/').map(encodeURIComponent).join('/');
  return { url, path, source: place.name };
}
