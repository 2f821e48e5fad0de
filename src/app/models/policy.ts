/** Whether this page's own security policy lets it fetch from an address, so that a refusal is explained before it happens. */

/** `source` of a connect-src list (`'self'`, `https://host`, `https://*.host`) covers `url`. */
function covers(source: string, url: URL, self: string): boolean {
  if (source === "'self'") return url.origin === self;
  if (source === '*') return true;
  const match = /^(https?):\/\/(\*\.)?([^/:]+)(?::(\d+))?\/?$/.exec(source);
  if (!match) return false;
  const [, scheme, wildcard, host, port] = match;
  if (url.protocol !== `${scheme}:` || (port ?? '') !== url.port) return false;
  return wildcard ? url.hostname.endsWith(`.${host}`) : url.hostname === host;
}

/** True when `policy` (the text of a Content-Security-Policy; null: none) allows a fetch of `address`. */
export function mayFetch(address: string, policy: string | null, self: string): boolean {
  if (policy === null || !URL.canParse(address, self)) return true;
  const url = new URL(address, self);
  const directive = policy
    .split(';')
    .map(part => part.trim().split(/\s+/))
    .find(([name]) => name === 'connect-src');
  return !directive || directive.slice(1).some(source => covers(source, url, self));
}

/** The policy of this document, as its meta element states it. */
export function pagePolicy(): string | null {
  return document.querySelector('meta[http-equiv="Content-Security-Policy"]')?.getAttribute('content') ?? null;
}
