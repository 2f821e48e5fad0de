import { expect, test } from 'vitest';
import { ConfigError, InputError, InputTooLongError, ModelSourceError, StorageFullError } from '../../errors.ts';
import { describeHub } from '../../source/hub-describe.ts';
import { HubServer } from '../../testing/hub-server.ts';
import { dictionaryOf } from '../i18n/dictionaries.ts';
import { toFailure } from './failure.ts';
import { explain, reasonOf } from './reason.ts';

const plain = (text: string) => text.replace(/\s/g, ' ');
const french = (error: unknown, hasToken = false) => explain(dictionaryOf('fr'), 'fr', toFailure(error), hasToken);

test('every reason has a sentence in both languages, without a hole', () => {
  for (const language of ['fr', 'en'] as const) {
    for (const say of Object.values(dictionaryOf(language).reasons)) {
      const { title, remedy } = say(new Proxy({}, { get: (_, key) => `<${String(key)}>` }));
      expect(`${title ?? ''} ${remedy}`).not.toMatch(/undefined|\[object/);
      expect(remedy.length).toBeGreaterThan(20);
    }
  }
});

test('what an error carries is said with its numbers and names', () => {
  expect(plain(french(new InputTooLongError('x', { tokens: 1204, maxTokens: 512 })).remedy)).toContain(
    '1 204 tokens, et le modèle en lit 512',
  );
  expect(french(new InputError('x', { target: '☃' })).remedy).toContain('☃');
  expect(plain(french(new StorageFullError('x', { neededBytes: 5e8, freeBytes: 2e8 })).remedy)).toContain('Il faut 500 Mo');
  expect(french(new ConfigError('x', { where: 'config.json', key: 'hidden_act' })).remedy).toContain('hidden_act');
  expect(french(new ModelSourceError('x', { url: 'https://huggingface.co/a/b', path: 'api', source: 'a/b' })).title).toBe(
    'huggingface.co ne répond pas',
  );
  // Nothing more is known: the class speaks, and the details are open.
  expect(french(new Error('boom'))).toMatchObject({ title: 'Une erreur inattendue s’est produite', known: false });
});

test('what a hub answers is told apart as far as it can be', async () => {
  const hub = await HubServer.start();
  try {
    hub.publish('a/private', { 'config.json': '{}' }, { access: 'private' });
    hub.publish('a/empty', { 'README.md': 'x' });
    const why = async (id: string, token?: string) => {
      const error: unknown = await describeHub(id, { hub: hub.url, token, attempts: 1 }).catch((thrown: unknown) => thrown);
      return reasonOf(toFailure(error), token !== undefined);
    };
    expect(await why('a/none')).toBe('notFoundOrPrivate');
    expect(await why('a/private')).toBe('notFoundOrPrivate');
    expect(await why('a/none', hub.token)).toBe('notFoundWithToken');
    expect(await why('a/private', 'hf_wrong')).toBe('badToken');
    expect(await why('a/empty')).toBe('noFile');
    expect(await why('a/empty@v9')).toBe('noRevision');
  } finally {
    await hub.close();
  }
  expect(reasonOf(toFailure(await describeHub('a/b', { hub: hub.url, attempts: 1 }).catch((thrown: unknown) => thrown)), false)).toBe(
    'unreachable',
  );
});
