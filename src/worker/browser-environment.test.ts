import { expect, it } from 'vitest';
import { ModelSourceError } from '../errors.ts';
import { files, testServer } from '../testing/http-server.ts';
import { openBrowserSource } from './browser-environment.ts';
import { browserRemedy } from './browser-gpu.ts';

it('finds mini and relative folders beside the page, and the rest by address or hub id', async () => {
  const server = await testServer(
    files({
      'app/models/mini/config.json': 'mini',
      'app/mine/config.json': 'mine',
      'root/config.json': 'root',
      'a/b/resolve/main/config.json': 'hub',
    }),
  );
  const settings = { baseUrl: `${server.url}app/index.html#state`, hub: server.url };
  const read = async (name: string) => {
    const file = await openBrowserSource(name, settings).open('config.json');
    return new TextDecoder().decode(await file.read(0, file.sizeBytes));
  };
  try {
    expect(await read('mini')).toBe('mini');
    expect(await read('./mine')).toBe('mine');
    expect(await read('/root/')).toBe('root');
    expect(await read('a/b')).toBe('hub');
    expect(await read(`${server.url}root`)).toBe('root');
    expect(openBrowserSource('mini', settings).name).toBe('mini');
    expect(() => openBrowserSource('no-owner', settings)).toThrow(ModelSourceError);
  } finally {
    await server.close();
  }
});

it('tells each browser what to do', () => {
  expect(browserRemedy('Mozilla/5.0 Firefox/153.0', true)).toContain('dom.webgpu.enabled');
  expect(browserRemedy('Mozilla/5.0 Chrome/156.0 Safari/537.36', true)).toContain('unsafe-webgpu');
  expect(browserRemedy('Mozilla/5.0 Version/18 Safari/605', true)).toContain('Safari 26');
  expect(browserRemedy('Mozilla/5.0 Chrome/156.0', false)).toContain('https://');
});
