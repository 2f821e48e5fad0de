/** How the local hub sends a body: whole or a part, honestly or with the faults that a test asks for. */
import type { IncomingMessage, ServerResponse } from 'node:http';

/** One request as the local hub saw it; kept in its log. */
export interface HubRequest {
  method: string;
  /** The hub itself, or the storage behind it (another origin). */
  host: 'hub' | 'cdn';
  route: 'info' | 'tree' | 'resolve' | 'cache' | 'object' | 'preflight' | 'other';
  /** Path and query as asked. */
  url: string;
  /** The model and the file in it, where the request names one. */
  id: string | null;
  file: string | null;
  /** Bytes [start, end) asked for; end null when open. */
  range: [number, number | null] | null;
  /** Header `Origin`: a page on another origin. */
  origin: string | null;
  hadToken: boolean;
  /** As answered, and how many bytes of the body were handed to the network. */
  status: number;
  sentBytes: number;
}

/** What goes wrong, for the requests that `on` names. Several properties may be set at once. */
export interface HubFault {
  /** Default: requests that would send bytes of a file (after redirects). */
  on?: (request: HubRequest) => boolean;
  /** Requests that pass unharmed first, and how many are hit then. Default 0 and all. */
  skip?: number;
  times?: number;
  /** Runs before the answer is made: publish a new commit, say. */
  run?: () => void;
  delayMs?: number;
  /** Answered instead of the file. */
  status?: number;
  /** Added to the answer, or replaced in it. */
  headers?: Record<string, string>;
  /** The connection is cut after so many bytes of the body. */
  cutAfter?: number;
  /** Nothing more comes after so many bytes; the connection stays. */
  stallAfter?: number;
  /** The byte at this position of the file has a bit flipped on the wire. */
  corrupt?: number;
  /** Answers 200 with the whole file whatever part was asked for. */
  ignoreRange?: boolean;
  /** Added to the true Content-Length. */
  contentLengthBy?: number;
  /** Sends this many bytes a second. */
  bytesPerSecond?: number;
}

/** Reads `bytes=a-b` or `bytes=a-`; null for anything else, as a server may ignore what it does not know. */
export function rangeOf(request: IncomingMessage): [number, number | null] | null {
  const match = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  return match ? [Number(match[1]), match[2] ? Number(match[2]) + 1 : null] : null;
}

/** Sends a file, or the part that was asked for, with 200, 206 or 416. */
export function sendFile(
  log: HubRequest,
  response: ServerResponse,
  file: Uint8Array,
  headers: Record<string, string>,
  fault: HubFault | null,
): void {
  if (fault?.status !== undefined) {
    sendStatus(log, response, fault.status, headers, fault.headers);
    return;
  }
  let body = file;
  let status = 200;
  const extra: Record<string, string> = { 'Accept-Ranges': 'bytes' };
  let from = 0;
  if (log.range && !fault?.ignoreRange) {
    const [start, end] = [log.range[0], Math.min(log.range[1] ?? file.length, file.length)];
    if (start >= file.length || start >= end) {
      sendStatus(log, response, 416, { ...headers, 'Content-Range': `bytes */${file.length}` }, fault?.headers);
      return;
    }
    status = 206;
    from = start;
    body = file.subarray(start, end);
    extra['Content-Range'] = `bytes ${start}-${end - 1}/${file.length}`;
  }
  const flip = (fault?.corrupt ?? -1) - from;
  if (flip >= 0 && flip < body.length) {
    body = Uint8Array.from(body);
    body[flip] = (body[flip] ?? 0) ^ 4;
  }
  log.status = status;
  const length = String(body.length + (fault?.contentLengthBy ?? 0));
  response.writeHead(status, { ...headers, ...extra, 'Content-Length': length, ...fault?.headers });
  if (log.method === 'HEAD') {
    response.end();
    return;
  }
  send(log, response, body, fault);
}

/** A plain answer without a file. */
export function sendStatus(
  log: HubRequest,
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  more: Record<string, string> = {},
): void {
  log.status = status;
  const text = status === 416 || log.method === 'HEAD' ? '' : `status ${status}`;
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', ...headers, ...more }).end(text);
}

function send(log: HubRequest, response: ServerResponse, body: Uint8Array, fault: HubFault | null): void {
  const stop = Math.min(fault?.cutAfter ?? body.length, fault?.stallAfter ?? body.length, body.length);
  const finish = () => {
    if (fault?.stallAfter !== undefined) return;
    // Ends the connection once what was written is out: the client sees a body that is too short.
    if (fault?.cutAfter !== undefined || fault?.contentLengthBy) response.socket?.destroySoon();
    else response.end();
  };
  const rate = fault?.bytesPerSecond;
  const step = rate ? Math.max(1, Math.round(rate / 50)) : stop;
  const next = (at: number): void => {
    if (response.destroyed) return;
    if (at >= stop) {
      finish();
      return;
    }
    const part = body.subarray(at, Math.min(stop, at + step));
    log.sentBytes += part.length;
    response.write(part, () => {
      if (rate) setTimeout(next, (1000 * part.length) / rate, at + part.length);
      else next(at + part.length);
    });
  };
  if (stop === 0) response.flushHeaders();
  next(0);
}
