import { describe, expect, it } from 'vitest';
import { ModelSourceError } from '../errors.ts';
import { FilesSource, type PickedFile } from './files.ts';

const pick = (...paths: string[]): PickedFile[] => paths.map(path => ({ path, blob: new Blob([`in ${path}`]) }));
const text = async (source: FilesSource, path: string) => {
  const file = await source.open(path);
  return new TextDecoder().decode(await file.read(0, file.sizeBytes));
};

describe('picked files', () => {
  it('reads plain files, by range too', async () => {
    const source = new FilesSource([new File(['{"a":1}'], 'config.json'), new File(['abcdef'], 'model.safetensors')]);
    expect(await text(source, 'config.json')).toBe('{"a":1}');
    expect(new TextDecoder().decode(await (await source.open('model.safetensors')).read(2, 5))).toBe('cde');
    expect(await source.has('tokenizer.json')).toBe(false);
    expect(source.name).toBe('2 files');
  });

  it('finds the model inside a dropped folder and ignores what is beside it', async () => {
    const source = new FilesSource(
      pick('drop/my-model/config.json', 'drop/my-model/sub/x.bin', 'drop/notes.txt', 'drop/my-model/1_Pooling/config.json'),
    );
    expect(source.name).toBe('drop/my-model');
    expect(await text(source, 'config.json')).toBe('in drop/my-model/config.json');
    expect(await text(source, 'sub/x.bin')).toBe('in drop/my-model/sub/x.bin');
    expect(await source.has('notes.txt')).toBe(false);
  });

  it('tolerates ./ and backslashes', async () => {
    expect(await text(new FilesSource(pick('.\\m\\config.json')), 'config.json')).toBe('in .\\m\\config.json');
  });

  it('without config.json strips the shared folder and lists what is there', async () => {
    const source = new FilesSource(pick('m/a.txt', 'm/b.txt'));
    await expect(source.open('config.json')).rejects.toThrow(/do not hold config\.json.*a\.txt, b\.txt/);
  });

  it('refuses two models at once, a hostile path, a range outside', async () => {
    expect(() => new FilesSource(pick('a/config.json', 'b/config.json'))).toThrow(/Several models .*a\/, b\//);
    const source = new FilesSource(pick('config.json'));
    await expect(source.open('../x')).rejects.toThrow(/Do not trust/);
    const file = await source.open('config.json');
    await expect(file.read(0, 999)).rejects.toBeInstanceOf(ModelSourceError);
    await expect(file.read(0, 1, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('makes the same source again from its file list, as the worker does', async () => {
    const source = new FilesSource(pick('m/config.json'));
    const again = new FilesSource(structuredClone(source.files));
    expect(again.name).toBe(source.name);
    expect(await text(again, 'config.json')).toBe('in m/config.json');
  });

  it('takes nothing picked for what it is', async () => {
    await expect(new FilesSource([]).open('config.json')).rejects.toThrow(/0 files.*Files there: none/);
  });
});
