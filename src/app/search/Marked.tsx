import { marksOf } from './fold.ts';

/** A text in which the words of the query are marked. */
export function Marked({ text, terms }: { text: string; terms: ReadonlySet<string> }) {
  const marks = marksOf(text, terms);
  if (marks.length === 0) return text;
  return (
    <>
      {marks.map(([start, end], i) => (
        <span key={start}>
          {text.slice(marks[i - 1]?.[1] ?? 0, start)}
          <mark>{text.slice(start, end)}</mark>
        </span>
      ))}
      {text.slice(marks.at(-1)?.[1])}
    </>
  );
}
