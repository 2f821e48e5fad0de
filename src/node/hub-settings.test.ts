import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputError } from '../errors.ts';
import { hubSettings } from './hub-settings.ts';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'affinage-hub-'));
  await writeFile(join(home, 'token'), 'hf_stored\n');
  await writeFile(join(home, 'other'), '  hf_other  ');
});
afterAll(() => rm(home, { recursive: true, force: true }));

describe('HF_ENDPOINT', () => {
  it.each([
    ['https://hub.org/', 'https://hub.org'],
    ['hf-mirror.com', 'https://hf-mirror.com'],
    [' hub.org:8443/hf/ ', 'https://hub.org:8443/hf'],
    ['localhost:8000', 'http://localhost:8000'],
    ['127.0.0.1:8000', 'http://127.0.0.1:8000'],
    ['', undefined],
  ])('"%s" is %s', (value, hub) => {
    expect(hubSettings({ HF_ENDPOINT: value }).hub).toBe(hub);
  });

  it.each(['ftp://hub.org', 'https://', 'https://u:geheim@hub.org', 'https://hub.org?x=1', 'a b'])('"%s" is refused by name', value => {
    const work = () => hubSettings({ HF_ENDPOINT: value });
    expect(work).toThrow(InputError);
    expect(work).toThrow(/^HF_ENDPOINT is no address/);
    expect(work).not.toThrow(/geheim/);
  });
});

describe('the token', () => {
  it('of the environment goes before the one that was stored by signing in', () => {
    expect(hubSettings({ HF_HOME: home, HF_TOKEN: ' hf_env ' })).toMatchObject({ token: 'hf_env', tokenFrom: 'HF_TOKEN' });
    expect(hubSettings({ HF_HOME: home, HF_TOKEN: '' })).toMatchObject({ token: 'hf_stored', tokenFrom: join(home, 'token') });
    expect(hubSettings({ HF_HOME: home, HF_TOKEN_PATH: join(home, 'other') })).toMatchObject({ token: 'hf_other' });
    expect(hubSettings({ HF_HOME: join(home, 'nowhere'), HUGGING_FACE_HUB_TOKEN: 'old' })).toMatchObject({ token: 'old' });
  });

  it('is absent where there is none, or where it is switched off', () => {
    expect(hubSettings({ HF_HOME: join(home, 'nowhere') }).token).toBeUndefined();
    expect(hubSettings({ HF_HOME: home, HF_HUB_DISABLE_IMPLICIT_TOKEN: '1' }).token).toBeUndefined();
  });
});

it('HF_HUB_OFFLINE switches the network off', () => {
  expect([undefined, '', '0', '1', 'ON', 'yes', 'True'].map(value => hubSettings({ HF_HUB_OFFLINE: value }).online)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});
