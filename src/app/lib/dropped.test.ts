import { expect, test } from 'vitest';
import { decode, whatIs } from './dropped.ts';

const file = (path: string, content: string | Uint8Array<ArrayBuffer> = 'x') => ({ path, blob: new Blob([content]) });

test('files of a model, texts, and what is neither', async () => {
  expect(await whatIs([file('m/config.json'), file('m/model.safetensors')])).toMatchObject({ kind: 'model' });
  expect(await whatIs([file('a.txt', 'Toux.'), file('b.CSV', 'id;motif')])).toEqual({
    kind: 'texts',
    guessed: false,
    texts: [
      { name: 'a.txt', text: 'Toux.' },
      { name: 'b.CSV', text: 'id;motif' },
    ],
  });
  expect(await whatIs([file('a.txt'), file('scan.pdf')])).toEqual({ kind: 'other', names: ['a.txt', 'scan.pdf'] });
  expect(await whatIs([file('a.txt', new Uint8Array([1, 0, 2]))])).toMatchObject({ kind: 'other' });
});

test('texts in the encodings of hospital systems', () => {
  expect(decode(new TextEncoder().encode('fièvre'))).toEqual({ text: 'fièvre', guessed: false });
  expect(decode(new Uint8Array([0xff, 0xfe, 0xe8, 0]))).toEqual({ text: 'è', guessed: false });
  expect(decode(new Uint8Array([0x66, 0x69, 0xe8, 0x76, 0x72, 0x65]))).toEqual({ text: 'fièvre', guessed: true });
});
