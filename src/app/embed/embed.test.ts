import { expect, test } from 'vitest';
import { redo, undo } from '../store/history.ts';
import { appState } from '../store/store.ts';
import { addTexts, clearLines, setLine, TEXT_LIMIT, takeAside, takePasted } from './embed.ts';

const texts = () => appState().embed.lines.map(line => line.text);

test('more lines than there is room for wait for an answer; what is over is put aside, comes back when there is room, and is undone', () => {
  const many = Array.from({ length: TEXT_LIMIT + 230 }, (_, i) => `texte ${i}`);
  setLine(appState().embed.lines[0]?.id ?? 0, many.join('\r\n'));
  expect(texts()).toEqual(['', '']);
  expect(appState().embed.paste).toMatchObject({ room: TEXT_LIMIT - 1, taken: null });
  takePasted('lines');
  expect(texts()).toEqual([...many.slice(0, TEXT_LIMIT - 1), '']);
  expect(appState().embed.aside).toEqual(many.slice(TEXT_LIMIT - 1));
  // The empty line gives its place.
  takeAside();
  expect(texts()).toEqual(many.slice(0, TEXT_LIMIT));
  clearLines();
  expect(appState().embed.aside).toEqual([]);
  undo('embed');
  expect([...texts(), ...appState().embed.aside]).toEqual(many);
  addTexts(['encore']);
  expect(appState().embed.aside.at(-1)).toBe('encore');
  undo('embed');
  undo('embed');
  undo('embed');
  expect(texts()).toEqual(['', '']);
  redo('embed');
  expect([...texts(), ...appState().embed.aside].filter(text => text !== '')).toEqual(many);
});
