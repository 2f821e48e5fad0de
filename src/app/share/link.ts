/**
 * A text in a link: `#/fill?v=1&t=…`, where t is its UTF-8 as base64url of zlib; a lesson has `l` in the place of `t`. Zlib carries a checksum, so that a link
 * that was cut or changed is recognised. What stands after the # is sent to no server.
 */

const VERSION = '1';
/** Longer links are cut by many mail programs and chats. */
export const LONG_LINK = 2000;
/** Chromium opens no address over two million characters; this leaves room for all of them. */
const MOST_LINK = 500_000;
/** A hostile link could unpack to more than memory holds; the page itself refuses texts of this length. */
const MOST_BYTES = 8_000_000;

/** What a link holds: a text for the sheet, or the file of a lesson. */
export type Shared = 'text' | 'lesson';
const keys: Record<Shared, string> = { text: 't', lesson: 'l' };

/** A link to this page that holds `text`; null where the text is too long for one. */
export async function linkOf(text: string, page: string, what: Shared = 'text'): Promise<string | null> {
  const packed = await through(new CompressionStream('deflate'), new TextEncoder().encode(text), Number.POSITIVE_INFINITY);
  const link = `${page.replace(/#.*$/s, '')}#/fill?v=${VERSION}&${keys[what]}=${toBase64Url(packed)}`;
  return link.length > MOST_LINK ? null : link;
}

export type LinkContent = { text: string; what: Shared } | { problem: 'version' | 'damaged' };

/** Whether the hash of an address holds a text, or what is left of one. */
export const isTextLink = (hash: string): boolean => /^#\/?fill\?/.test(hash);

/** The text that the hash of an address holds; nothing throws. */
export async function readLink(hash: string): Promise<LinkContent> {
  const given = new URLSearchParams(hash.slice(hash.indexOf('?') + 1));
  const what: Shared = given.has(keys.lesson) ? 'lesson' : 'text';
  const packed = given.get(keys[what]);
  const version = given.get('v');
  if (version !== VERSION) return { problem: version !== null && /^\d+$/.test(version) ? 'version' : 'damaged' };
  if (!packed) return { problem: 'damaged' };
  try {
    const bytes = await through(new DecompressionStream('deflate'), fromBase64Url(packed), MOST_BYTES);
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), what };
  } catch {
    return { problem: 'damaged' };
  }
}

/** What `stream` makes of `bytes`. Errors: its own, RangeError for more than `most` bytes. */
async function through(
  stream: CompressionStream | DecompressionStream,
  bytes: Uint8Array<ArrayBuffer>,
  most: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = new Blob([bytes]).stream().pipeThrough(stream).getReader();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (let length = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    length += value.length;
    if (length > most) {
      await reader.cancel();
      throw new RangeError(`More than ${most} bytes.`);
    }
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

function toBase64Url(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

const fromBase64Url = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), char => char.charCodeAt(0));
