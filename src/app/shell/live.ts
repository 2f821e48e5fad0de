/** Predicts and compares as the user types: watches what a request depends on and asks again a moment after it last changed. */
import { compareUnasked } from '../embed/embed.ts';
import { predictUnasked } from '../fill/fill.ts';
import { afterChange } from '../store/after-change.ts';

/** Starts watching; returns a function that stops it. */
export function watch(): () => void {
  const stops = [
    afterChange(({ fill, settings, model }) => [fill.text, fill.ownWords, fill.truncate, settings.k, model.generation], predictUnasked),
    afterChange(({ embed, model }) => [embed.lines, embed.query, model.generation], compareUnasked),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
