/** Addresses for messages: every part that may be a secret is left out. */

/** The URL without its query, which may hold a signature. */
export function shownUrl(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

/** An address or a name for messages: without user name, password, query and fragment, all of which may be secrets. */
export function withoutSecrets(text: string): string {
  const plain = text.slice(0, 2000).replace(/\/\/[^/\s]*@/g, '//');
  return (/^[a-z][a-z0-9+.-]*:\/\//i.test(plain) ? plain.replace(/[?#].*$/s, '') : plain).slice(0, 200);
}

/** Removes user name and password from an address and returns the header that they stand for. fetch refuses such addresses, and its error shows both. */
export function takeCredentials(url: URL): string | undefined {
  const { username, password } = url;
  url.username = '';
  url.password = '';
  if (username === '' && password === '') return undefined;
  const bytes = new TextEncoder().encode(`${decoded(username)}:${decoded(password)}`);
  return `Basic ${btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(''))}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
