/** From places on the map to pixels and back. */

const MARGIN_PX = 14;

/** [n, 2] in pixels of a sheet of `width` × `height`. One scale for both axes: distances stay as they are. Up is up. */
export function toPixels(xy: Float32Array, width: number, height: number): Float32Array {
  const least = [Infinity, Infinity] as [number, number];
  const most = [-Infinity, -Infinity] as [number, number];
  xy.forEach((value, i) => {
    const axis = (i % 2) as 0 | 1;
    least[axis] = Math.min(least[axis], value);
    most[axis] = Math.max(most[axis], value);
  });
  const wide = Math.max(most[0] - least[0], 1e-9);
  const high = Math.max(most[1] - least[1], 1e-9);
  const scale = Math.min((width - 2 * MARGIN_PX) / wide, (height - 2 * MARGIN_PX) / high);
  return xy.map((value, i) => {
    const axis = (i % 2) as 0 | 1;
    const fromMiddle = (value - (least[axis] + most[axis]) / 2) * scale;
    return axis === 0 ? width / 2 + fromMiddle : height / 2 - fromMiddle;
  });
}

export interface Box {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

/** The points inside a rectangle that was drawn from any corner. */
export function pointsInside(pixels: Float32Array, { x0, y0, x1, y1 }: Box): number[] {
  const found: number[] = [];
  for (let i = 0; 2 * i < pixels.length; i++) {
    const [x = 0, y = 0] = pixels.subarray(2 * i, 2 * i + 2);
    if (x >= Math.min(x0, x1) && x <= Math.max(x0, x1) && y >= Math.min(y0, y1) && y <= Math.max(y0, y1)) found.push(i);
  }
  return found;
}

/** The point nearest to a place, at most `within` pixels away; null where there is none. */
export function pointAt(pixels: Float32Array, x: number, y: number, within: number): number | null {
  let best: number | null = null;
  let least = within ** 2;
  for (let i = 0; 2 * i < pixels.length; i++) {
    const distance = ((pixels[2 * i] ?? 0) - x) ** 2 + ((pixels[2 * i + 1] ?? 0) - y) ** 2;
    if (distance <= least) [best, least] = [i, distance];
  }
  return best;
}
