/** Follows redirects step by step and refuses unsafe ones, such as from a public host to an address of the local network. */
import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { ModelSourceError } from '../errors.ts';
import { shownUrl } from '../source/address.ts';

export type Fetch = typeof globalThis.fetch;

const mostRedirects = 10;

/** Addresses that only this machine or its own network can reach. */
const privateAddresses = new BlockList();
for (const [address, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  privateAddresses.addSubnet(address, bits, 'ipv4');
for (const [address, bits] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  privateAddresses.addSubnet(address, bits, 'ipv6');

/**
 * A fetch that follows redirects itself: never from https to http, never from a public host to a private address, and without
 * the caller's credentials once the origin changes. `resolve`: the addresses of a name; none where a proxy looks names up.
 * Errors: ModelSourceError for a redirect that is refused; those of `send`.
 */
export function withSafeRedirects(send: Fetch, resolve: (host: string) => Promise<string[]> = resolveName): Fetch {
  const isPrivate = async (url: URL): Promise<boolean> => {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (/(^|\.)localhost$/i.test(host)) return true;
    const addresses = isIP(host) ? [host] : await resolve(host);
    return addresses.some(address => privateAddresses.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4'));
  };
  return async (input, init = {}) => {
    const first = new URL(input instanceof Request ? input.url : input);
    if (init.redirect === 'manual') return send(first, init);
    const headers = new Headers(init.headers);
    let url = first;
    for (let step = 0; ; step++) {
      const response = await send(url, { ...init, headers: Object.fromEntries(headers), redirect: 'manual' });
      const location = [301, 302, 303, 307, 308].includes(response.status) ? response.headers.get('Location') : null;
      if (location === null) return response;
      await response.body?.cancel().catch(() => {});
      const next = nextOf(url, location);
      const refuse = (why: string) =>
        new ModelSourceError(`${shownUrl(url)} leads on to ${next ? shownUrl(next) : 'an address that cannot be read'}: ${why}`, {
          url: shownUrl(url),
          redirect: next ? shownUrl(next) : null,
        });
      if (!next) throw refuse('models are downloaded over http or https only. Check the address of the model or of the hub.');
      if (url.protocol === 'https:' && next.protocol === 'http:')
        throw refuse(
          'a protected connection never continues unprotected. Check the address; a proxy or a sign-in page may answer in its place.',
        );
      if (step >= mostRedirects) throw refuse(`the server redirects more than ${mostRedirects} times. Check the address.`);
      if ((await isPrivate(next)) && !(await isPrivate(first)))
        throw refuse("that is an address of this machine's own network, which no public host may send us to. Do not trust that host.");
      if (next.origin !== url.origin) headers.delete('Authorization');
      url = next;
    }
  };
}

function nextOf(from: URL, location: string): URL | null {
  try {
    const url = new URL(location, from);
    if (!/^https?:$/.test(url.protocol)) return null;
    url.username = '';
    url.password = '';
    return url;
  } catch {
    return null;
  }
}

/** Addresses of a host name. For a name that cannot be resolved: none, and the request itself then fails with the reason. */
async function resolveName(host: string): Promise<string[]> {
  return (await lookup(host, { all: true }).catch(() => [])).map(({ address }) => address);
}
