/** Predicts and compares as the user types: watches what a request depends on and asks again a moment after it last changed. */
import { compareUnasked } from '../embed/embed.ts';
import { comparePairUnasked } from '../fill/pair/pair.ts';
import { predictUnasked } from '../fill/predict.ts';
import { readUnasked } from '../read/read.ts';
import { afterChange } from '../store/after-change.ts';

/** Starts watching; returns a function that stops it. */
export function watch(): () => void {
  const stops = [
    afterChange(
      ({ fill, settings, model }) => [fill.text, fill.ownWords, fill.truncate, fill.filter, fill.oneAtATime, settings.k, model.generation],
      predictUnasked,
    ),
    afterChange(({ pair, fill, model }) => [pair.a, pair.b, fill.tab, model.generation], comparePairUnasked),
    afterChange(({ read, model }) => [read.text, read.mode, read.around, model.generation], readUnasked),
    afterChange(({ embed, model }) => [embed.lines, embed.query, model.generation], compareUnasked),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
