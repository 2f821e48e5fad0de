/** Progress of a run over many texts: on a terminal one changing line; elsewhere a line every ten seconds, so that a log stays short. */
import type { Context } from './command.ts';
import type { LongTexts } from './long-texts.ts';

export class ProgressNotes {
  #done = 0;
  #lastNoteMs = performance.now();
  readonly #startMs = performance.now();

  constructor(
    readonly io: Context['io'],
    readonly total: number | null,
  ) {}

  add(count: number): void {
    this.#done += count;
    this.io.status(this.#text());
    if (this.io.stderrIsTerminal || performance.now() - this.#lastNoteMs < 10_000) return;
    this.#lastNoteMs = performance.now();
    this.io.note(this.#text());
  }

  end(output: string, { cut, windowed, limit }: Pick<LongTexts, 'cut' | 'windowed' | 'limit'>): void {
    this.io.status('');
    const texts = (count: number) => `${count} ${count === 1 ? 'text' : 'texts'}`;
    const long = [
      ...(cut > 0 ? [`${texts(cut)} cut to ${limit} tokens`] : []),
      ...(windowed > 0 ? [`${texts(windowed)} read in windows of ${limit} tokens`] : []),
    ].join(', ');
    this.io.note(`${output}: ${texts(this.#done)} in ${duration(this.#seconds())}${long ? `; ${long}` : ''}`);
  }

  #text(): string {
    const { total } = this;
    const perSecond = this.#done / this.#seconds();
    const speed = `${perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond)} texts/s`;
    if (total === null) return `embed ${this.#done} texts, ${speed}`;
    return `embed ${this.#done} of ${total} texts (${Math.floor((100 * this.#done) / total)} %), ${speed}, ${duration((total - this.#done) / perSecond)} left`;
  }

  #seconds(): number {
    return (performance.now() - this.#startMs) / 1000;
  }
}

function duration(seconds: number): string {
  if (seconds < 90) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
