/** Addresses as people may see them: whatever in them may be a secret is left out. */

/** The URL without its query, which may hold a signature. */
export function shownUrl(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

/** An address or a name for people: without name, password, query and fragment, all of which may be secrets. */
export function withoutSecrets(text: string): string {
  const plain = text.slice(0, 2000).replace(/\/\/[^/\s]*@/g, '//');
  return (/^[a-z][a-z0-9+.-]*:\/\//i.test(plain) ? plain.replace(/[?#].*$/s, '') : plain).slice(0, 200);
}

/** Takes name and password out of an address, which fetch refuses with both in its error; as the header that they stand for. */
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
