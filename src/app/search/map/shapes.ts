/** The shape of each group, so that colour is never alone: SVG paths around the origin, for the canvas and for its legend. */
export const shapes: readonly string[] = [
  'M-4 0A4 4 0 1 0 4 0A4 4 0 1 0 -4 0Z',
  'M-3.6 -3.6H3.6V3.6H-3.6Z',
  'M0 -5L4.6 3.6H-4.6Z',
  'M0 -5.4L4.6 0L0 5.4L-4.6 0Z',
  'M-1.6 -4.8H1.6V-1.6H4.8V1.6H1.6V4.8H-1.6V1.6H-4.8V-1.6H-1.6Z',
  'M0 5L4.6 -3.6H-4.6Z',
];

/** Points in no group: a thin ring. */
export const otherShape = 'M-3 0A3 3 0 1 0 3 0A3 3 0 1 0 -3 0ZM-1.8 0A1.8 1.8 0 1 1 1.8 0A1.8 1.8 0 1 1 -1.8 0Z';

/** The theme's colour of a group; `--ink-soft` for points in none. */
export const colourOf = (group: number): string => (group < shapes.length ? `--group-${group + 1}` : '--ink-soft');
