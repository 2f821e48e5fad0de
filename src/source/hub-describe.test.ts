import { afterEach, describe, expect, it } from 'vitest';
import { ModelFileError, ModelSourceError } from '../errors.ts';
import { files, testServer } from '../testing/http-server.ts';
import { type HubOptions, HubServer } from '../testing/hub-server.ts';
import { gitOid } from '../testing/hub-server-contents.ts';
import { describeHub } from './hub-describe.ts';

const id = 'almanach/Tiny-bio';
const weights = Uint8Array.from({ length: 5000 }, (_, i) => (i * 31) & 255);
const model = {
  'config.json': '{"model_type":"modernbert"}',
  'tokenizer.json': '{}',
  'tokenizer_config.json': '{}',
  'README.md': '---\nlanguage: fr\nlicense: apache-2.0\n---\n# Tiny',
  LICENSE: 'Apache',
  '.gitattributes': '*.safetensors filter=lfs',
  'model.safetensors': weights,
  'pytorch_model.bin': weights,
  'onnx/model.onnx': weights,
};
const paths = ['LICENSE', 'README.md', 'config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'];
const fast = { backoffMs: 1 };

let hub: HubServer;
const start = async (options: HubOptions = {}) => {
  hub = await HubServer.start(options);
  return hub;
};
afterEach(() => hub?.close());
const failure = async (work: Promise<unknown>): Promise<ModelSourceError> => {
  const error = await work.then(
    () => null,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(ModelSourceError);
  return error as ModelSourceError;
};

describe('by the API', () => {
  it('lists what is read, with sizes, hashes, commit and licence', async () => {
    await start();
    const commit = hub.publish(id, model, { licence: 'apache-2.0' });
    const info = await describeHub(id, { hub: hub.url });
    expect(info).toMatchObject({ name: id, commit, revision: 'main', licence: 'apache-2.0' });
    expect(info.files.map(file => file.path).sort()).toEqual(paths);
    const [config, large] = ['config.json', 'model.safetensors'].map(path => info.files.find(file => file.path === path));
    expect(config).toMatchObject({ sizeBytes: 27, sha256: null, gitOid: gitOid(Buffer.from(model['config.json'])) });
    expect(large).toMatchObject({ sizeBytes: 5000, gitOid: null, url: `${hub.url}/${id}/resolve/${commit}/model.safetensors` });
    expect(large?.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(hub.log.map(request => request.route)).toEqual(['info', 'tree']);
  });

  it('takes the revision from the id, the option or a page address, and reads every page of a tree', async () => {
    await start({ pageSize: 2 });
    const old = hub.publish(id, { ...model, 'config.json': '{"old":1}' });
    hub.tag(id, 'refs/pr/1', old);
    const now = hub.publish(id, model);
    expect((await describeHub(`${id}@refs/pr/1`, { hub: hub.url })).commit).toBe(old);
    expect((await describeHub(id, { hub: `${hub.url}/`, revision: 'refs/pr/1' })).commit).toBe(old);
    expect((await describeHub(`${hub.url}/${id}/tree/main`, { hub: hub.url })).commit).toBe(now);
    expect((await describeHub(`${id}@${old}`, { hub: hub.url })).files).toHaveLength(paths.length);
  });

  it('takes the shards from the index, and no other safetensors file', async () => {
    await start();
    const index = (map: Record<string, unknown>) => JSON.stringify({ metadata: {}, weight_map: map });
    const { 'model.safetensors': _, ...rest } = model;
    const sharded = { ...rest, 'a-1.safetensors': 'x', 'a-2.safetensors': 'y', 'adapter.safetensors': 'z' };
    const publish = (map: Record<string, unknown>) => hub.publish(id, { ...sharded, 'model.safetensors.index.json': index(map) });
    publish({ t: 'a-2.safetensors', u: 'a-1.safetensors', v: 'a-2.safetensors' });
    const { files } = await describeHub(id, { hub: hub.url });
    expect(files.slice(-3).map(file => file.path)).toEqual(['model.safetensors.index.json', 'a-1.safetensors', 'a-2.safetensors']);
    publish({ t: 'a-3.safetensors' });
    expect((await failure(describeHub(id, { hub: hub.url }))).message).toMatch(/no a-3\.safetensors, which its .*index\.json names/);
    for (const hostile of ['../../etc/passwd.safetensors', 'pytorch_model.bin', 7]) {
      publish({ t: hostile });
      await expect(describeHub(id, { hub: hub.url })).rejects.toBeInstanceOf(ModelFileError);
    }
  });

  it('refuses pickles by name, and says what is missing', async () => {
    await start();
    const { 'model.safetensors': _, ...pickled } = model;
    hub.publish(id, pickled);
    const error = await failure(describeHub(id, { hub: hub.url }));
    expect(error.message).toMatch(/run code when it is read \(pytorch_model\.bin\)/);
    hub.publish(id, { 'config.json': '{}', 'model.safetensors': 'x' });
    expect((await failure(describeHub(id, { hub: hub.url }))).message).toMatch(/no tokenizer\.json, the fast tokenizer/);
    hub.publish(id, { 'README.md': '' });
    expect((await failure(describeHub(id, { hub: hub.url }))).message).toMatch(/no config\.json/);
  });
});

describe('who may read it', () => {
  it('an unknown id and a private one: a token may help', async () => {
    await start();
    hub.publish(id, model, { access: 'private' });
    for (const name of [id, 'almanach/typo']) {
      const error = await failure(describeHub(name, { hub: hub.url }));
      expect(error.details).toMatchObject({ status: 401, needsToken: true });
      expect(error.message).toMatch(/knows no public model .*give a token/);
    }
    expect((await describeHub(id, { hub: hub.url, token: hub.token })).files).toHaveLength(paths.length);
    const unknown = await failure(describeHub('almanach/typo', { hub: hub.url, token: hub.token }));
    expect(unknown.details).toMatchObject({ status: 404, needsToken: true, code: 'RepoNotFound' });
  });

  it('a wrong token is named, never shown; one that cannot be one is not even sent', async () => {
    await start();
    hub.publish(id, model);
    const error = await failure(describeHub(id, { hub: hub.url, token: 'hf_wrong' }));
    expect(error.message).toMatch(/refuses the token .*expired/);
    const asked = hub.log.length;
    const broken = await describeHub(id, { hub: hub.url, token: 'hf_se\ncret' }).catch((e: unknown) => e);
    expect(hub.log).toHaveLength(asked);
    for (const e of [error, broken]) expect(JSON.stringify([(e as Error).message, (e as Error).cause, e])).not.toMatch(/hf_/);
  });

  it('a gated model: the page and its terms first', async () => {
    await start();
    hub.publish(id, model, { access: 'gated' });
    const stranger = await failure(describeHub(id, { hub: hub.url }));
    expect(stranger.details).toMatchObject({ status: 401, needsToken: true, gated: true });
    expect(stranger.message).toContain(`Open ${hub.url}/${id} and accept`);
    expect((await failure(describeHub(id, { hub: hub.url, token: hub.token }))).details).toMatchObject({ status: 403, gated: true });
    hub.accept(id);
    expect((await describeHub(id, { hub: hub.url, token: hub.token })).files).toHaveLength(paths.length);
  });

  it('an unknown revision, and a hub that is down or busy', async () => {
    await start();
    hub.publish(id, model);
    const error = await failure(describeHub(`${id}@v9`, { hub: hub.url }));
    expect(error.details).toMatchObject({ status: 404, code: 'RevisionNotFound' });
    expect(error.details.needsToken).toBeUndefined();
    hub.fault({ on: request => request.route === 'info', times: 2, status: 503 });
    await describeHub(id, { hub: hub.url, ...fast });
    hub.fault({ on: () => true, status: 429, headers: { RateLimit: '"api";r=0;t=120' } });
    expect((await failure(describeHub(id, { hub: hub.url, ...fast }))).message).toContain('Wait 121 s');
    await expect(describeHub(id, { hub: hub.url, signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('without the API', () => {
  it.each<[string, HubOptions]>([
    ['a mirror that redirects', { api: false }],
    ['a mirror that serves itself', { api: false, redirects: false }],
  ])('%s: hashes and commit from the headers', async (_, options) => {
    await start(options);
    const commit = hub.publish(id, model);
    const info = await describeHub(id, { hub: hub.url });
    expect(info).toMatchObject({ commit, licence: 'apache-2.0' });
    expect(info.files.map(file => file.path).sort()).toEqual(paths);
    expect(info.files.find(file => file.path === 'model.safetensors')).toMatchObject({ sizeBytes: 5000, gitOid: null, sha256: /./ });
    expect(info.files.find(file => file.path === 'config.json')).toMatchObject({ sha256: null, gitOid: /./ });
  });

  it('says the same of a private mirror and an unknown revision', async () => {
    await start({ api: false });
    hub.publish(id, model, { access: 'private' });
    expect((await failure(describeHub(id, { hub: hub.url }))).details).toMatchObject({ status: 401, needsToken: true });
    expect((await failure(describeHub(`${id}@v9`, { hub: hub.url, token: hub.token }))).message).toMatch(/no revision "v9"/);
  });

  it('a static folder by its address: sizes only, and never the token', async () => {
    await start();
    const entries = Object.fromEntries(Object.entries(model).map(([path, content]) => [`m/${path}`, content]));
    const server = await testServer(files(entries, { 'Last-Modified': 'Sun, 22 Nov 2026 10:00:00 GMT' }));
    let sawToken = false;
    const serve = server.handle;
    server.handle = (request, response) => {
      sawToken ||= request.headers.authorization !== undefined;
      serve(request, response);
    };
    const info = await describeHub(`${server.url}m/?sig=secret`, { hub: hub.url, token: hub.token });
    expect(info).toMatchObject({ name: `${server.url}m/`, commit: null, revision: null, licence: 'apache-2.0' });
    expect(info.files.map(file => file.path).sort()).toEqual(paths);
    expect(info.files.at(-1)).toEqual({
      path: 'model.safetensors',
      url: `${server.url}m/model.safetensors?sig=secret`,
      sizeBytes: 5000,
      sha256: null,
      gitOid: null,
      etag: 'Sun, 22 Nov 2026 10:00:00 GMT',
    });
    expect(sawToken).toBe(false);
    await server.close();
  });

  it('a host that ignores ranges, and one that answers everything with its page', async () => {
    await start();
    const server = await testServer((request, response) => {
      const content = (model as Record<string, string | Uint8Array>)[request.url?.slice(1) ?? ''];
      response.writeHead(content ? 200 : 404).end(request.method === 'HEAD' ? undefined : content);
    });
    expect((await describeHub(server.url)).files.at(-1)?.sizeBytes).toBe(5000);
    server.handle = (_, response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html>');
    expect((await failure(describeHub(server.url))).message).toMatch(/web page came instead of config\.json.*sign in/);
    expect((await failure(describeHub('a/b', { hub: server.url }))).message).toMatch(/web page came instead of config\.json of a\/b/);
    await server.close();
  });

  it('refuses what is neither an id nor an address', async () => {
    await start();
    for (const text of ['', 'bert', 'a/b/c', 'ftp://x/y'])
      expect((await failure(describeHub(text))).message).toMatch(/neither an address|cannot/);
    expect((await failure(describeHub(id, { hub: hub.url, revision: '../x' }))).message).toMatch(/cannot be a revision/);
  });
});
