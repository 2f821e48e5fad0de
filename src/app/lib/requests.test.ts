import { beforeEach, expect, test } from 'vitest';
import { forgetRequests, MOST_LISTED, noteRequests, onRequests, requestLog, watchWorkerRequests } from './requests.ts';

const self = 'https://page.example/affinage/index.html#/fill';
beforeEach(forgetRequests);

test('requests are counted by origin and listed once an address', () => {
  noteRequests(['https://page.example/a.js', 'https://huggingface.co/api/x', 'https://page.example/a.js'], 'page', self);
  noteRequests(['https://page.example/a.js', 'http://page.example/a.js', 'https://page.example.evil.example/'], 'engine', self);
  const { list, own, other } = requestLog();
  expect([own, other]).toEqual([3, 3]);
  expect(list.map(({ address, from, count, own }) => [address, from, count, own])).toEqual([
    ['https://page.example/a.js', 'page', 2, true],
    ['https://huggingface.co/api/x', 'page', 1, false],
    ['https://page.example/a.js', 'engine', 1, true],
    ['http://page.example/a.js', 'engine', 1, false],
    ['https://page.example.evil.example/', 'engine', 1, false],
  ]);
});

test('memory of the page is no request; of a page opened from the disk the files are its own', () => {
  noteRequests(
    ['blob:null/1', 'data:text/plain,x', 'not an address', 'file:///home/affinage.html', 'https://huggingface.co/'],
    'page',
    'file:///a.html',
  );
  expect(requestLog()).toMatchObject({ own: 1, other: 1 });
});

test('the list ends, the counts go on, and listeners hear of it until they stop', () => {
  let heard = 0;
  const stop = onRequests(() => heard++);
  noteRequests(
    Array.from({ length: MOST_LISTED + 20 }, (_, i) => `https://page.example/${i}`),
    'page',
    self,
  );
  expect(requestLog().list).toHaveLength(MOST_LISTED);
  expect(requestLog().own).toBe(MOST_LISTED + 20);
  stop();
  noteRequests(['https://page.example/x'], 'page', self);
  expect(heard).toBe(1);
});

test('a worker’s word about its requests is taken, other messages and damaged ones are not', () => {
  const worker = new EventTarget();
  watchWorkerRequests(worker);
  Object.assign(globalThis, { location: new URL(self) });
  for (const data of [null, 'x', { type: 'result', addresses: ['https://a.example/'] }, { type: 'requests', addresses: 'x' }]) {
    worker.dispatchEvent(new MessageEvent('message', { data }));
  }
  expect(requestLog().list).toEqual([]);
  worker.dispatchEvent(new MessageEvent('message', { data: { type: 'requests', addresses: ['https://page.example/m', 7] } }));
  expect(requestLog().list).toEqual([{ address: 'https://page.example/m', from: 'engine', count: 1, own: true }]);
});
