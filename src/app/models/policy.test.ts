import { expect, test } from 'vitest';
import { mayFetch } from './policy.ts';

test('the security policy is read as a browser reads it', () => {
  const policy = "default-src 'self'; connect-src 'self' https://huggingface.co https://*.hf.co http://mirror:8080";
  const may = (address: string) => mayFetch(address, policy, 'https://page.example');
  expect(['https://page.example/m', '/m', 'https://huggingface.co/x', 'https://cas.xet.hf.co/x', 'http://mirror:8080/a'].map(may)).toEqual([
    true,
    true,
    true,
    true,
    true,
  ]);
  expect(['https://hf.co', 'https://evil.example', 'http://huggingface.co', 'http://mirror/a', 'https://nothf.co'].map(may)).toEqual([
    false,
    false,
    false,
    false,
    false,
  ]);
  expect(mayFetch('https://any.example', null, 'https://page.example')).toBe(true);
});
