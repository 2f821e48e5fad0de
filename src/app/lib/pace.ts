/** How often progress is painted: a worker reports far more than an eye can follow. */
const PAINT_MS = 80;

/** Feed it each report; it answers whether this one is painted: at most a dozen a second, and those that must be seen `atOnce`. */
export function paintPace(): (atOnce?: boolean) => boolean {
  let paintedAt = Number.NEGATIVE_INFINITY;
  return (atOnce = false) => {
    const now = performance.now();
    if (!atOnce && now - paintedAt < PAINT_MS) return false;
    paintedAt = now;
    return true;
  };
}
