import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ModelSourceError } from '../errors.ts';
import { files, type TestServer, testServer } from '../testing/http-server.ts';
import { hubIdOfPage, hubSource, openByName, parseHubId } from './hub.ts';

describe('ids', () => {
  it.each([
    ['almanach/ModernCamemBERT-bio-large', { id: 'almanach/ModernCamemBERT-bio-large', revision: 'main' }],
    ['a/b@v1.0', { id: 'a/b', revision: 'v1.0' }],
    ['a/b@refs/pr/3', { id: 'a/b', revision: 'refs/pr/3' }],
  ])('accepts %s', (text, expected) => expect(parseHubId(text)).toEqual(expected));

  it.each([
    '',
    'bert',
    'a/b/c',
    '/a/b',
    'a/',
    '../b',
    'a/..',
    'a/b@',
    'a/b@../x',
    'a b/c',
    'a/b?x',
    'a/-b',
    'a/b--c',
    `a/${'x'.repeat(97)}`,
    'a/b@x//y',
  ])('refuses "%s"', text => {
    expect(parseHubId(text)).toBeNull();
    expect(() => hubSource(text)).toThrow(ModelSourceError);
  });

  it('reads the address of a page of the hub, and no other', () => {
    expect(hubIdOfPage('https://huggingface.co/a/b')).toEqual({ id: 'a/b', revision: 'main' });
    expect(hubIdOfPage('https://huggingface.co/a/b/tree/v2')).toEqual({ id: 'a/b', revision: 'v2' });
    expect(hubIdOfPage('https://huggingface.co/a/b/blob/main/config.json?x#y')).toEqual({ id: 'a/b', revision: 'main' });
    expect(hubIdOfPage('https://huggingface.co/a')).toBeNull();
    expect(hubIdOfPage('https://huggingface.co.evil.org/a/b')).toBeNull();
    expect(hubIdOfPage('https://host/a/b')).toBeNull();
  });
});

describe('a mirror', () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await testServer(
      files({ 'hub/a/b/resolve/main/config.json': 'M', 'hub/a/b/resolve/v2/config.json': 'V2', 'plain/config.json': 'P' }),
    );
  });
  afterEach(() => server.close());
  const read = async (name: string) => {
    const file = await openByName(name, { hub: `${server.url}hub/` }).open('config.json');
    return new TextDecoder().decode(await file.read(0, file.sizeBytes));
  };

  it('serves ids, revisions, its own page addresses, and plain folders beside them', async () => {
    expect(await read('a/b')).toBe('M');
    expect(await read('a/b@v2')).toBe('V2');
    expect(await read(`${server.url}hub/a/b/tree/v2`)).toBe('V2');
    expect(await read(`${server.url}plain`)).toBe('P');
  });

  it('names an unknown id and how to check it', async () => {
    await expect(read('a/typo')).rejects.toThrow(
      /config\.json is not there \(404\) in a\/typo\. Check that http.*\/hub\/a\/typo opens in a browser/,
    );
    server.handle = (_, response) => response.writeHead(401).end();
    await expect(read('a/typo')).rejects.toThrow(/refuses config\.json of a\/typo \(401\)\. Check that/);
  });
});
