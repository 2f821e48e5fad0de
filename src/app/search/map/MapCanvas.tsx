import { useEffect, useMemo, useRef, useState } from 'react';
import { useText } from '../../i18n/use-text.ts';
import { useAppStore } from '../../store/store.ts';
import { choose, setInside } from './draw.ts';
import type { Groups } from './groups.ts';
import { type Box, pointAt, pointsInside, toPixels } from './layout.ts';
import styles from './MapView.module.css';
import { colourOf, otherShape, shapes } from './shapes.ts';
import type { Drawing } from './state.ts';

interface MapCanvasProps {
  drawing: Drawing;
  groups: Groups;
  /** Points that are ringed: the one that is pointed at, null for none, and the chosen one, −1 for none. */
  near: number | null;
  chosen: number;
  /** Points in the last rectangle; the others are paler. */
  inside: readonly number[];
  onNear: (point: number | null) => void;
}

/** A press that moves less than this is no rectangle. */
const STILL_PX = 5;
const REACH_PX = 14;

/** The points on one canvas. A press chooses a point, a drag the points in a rectangle; the list beside does the same from the keyboard. */
export function MapCanvas({ drawing, groups, near, chosen, inside, onNear }: MapCanvasProps) {
  const { t } = useText();
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useAppStore(state => state.settings.theme);
  const [size, setSize] = useState({ width: 0, height: 0 });
  const [box, setBox] = useState<Box | null>(null);
  const pixels = useMemo(() => toPixels(drawing.xy, size.width, size.height), [drawing.xy, size]);

  useEffect(() => {
    const element = canvas.current;
    if (!element || typeof ResizeObserver === 'undefined') return;
    const observer = new ResizeObserver(() => setSize({ width: element.clientWidth, height: element.clientHeight }));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme changes the colours that are read from the page.
  useEffect(() => {
    const element = canvas.current;
    const pen = element?.getContext?.('2d');
    if (!element || !pen || size.width === 0) return;
    const scale = devicePixelRatio;
    element.width = size.width * scale;
    element.height = size.height * scale;
    // A canvas takes no light-dark(): the colour is resolved on an element first.
    const colour = (name: string) => {
      element.style.color = `var(${name})`;
      const value = getComputedStyle(element).color;
      element.style.color = '';
      return value;
    };
    const kinds = [...shapes, otherShape].map((shape, group) => ({ path: new Path2D(shape), colour: colour(colourOf(group)) }));
    const others = groups.names.length;
    const isInside = new Set(inside);
    const at = (point: number) =>
      pen.setTransform(scale, 0, 0, scale, scale * (pixels[2 * point] ?? 0), scale * (pixels[2 * point + 1] ?? 0));
    groups.of.forEach((group, point) => {
      const kind = kinds[group === others ? shapes.length : group];
      if (!kind) return;
      at(point);
      pen.globalAlpha = inside.length > 0 && !isInside.has(point) ? 0.25 : 0.85;
      pen.fillStyle = kind.colour;
      pen.fill(kind.path, 'evenodd');
    });
    pen.globalAlpha = 1;
    pen.strokeStyle = colour('--ink');
    for (const [point, width, radius] of [
      [chosen, 2.5, 9],
      [near ?? -1, 1.5, 12],
    ] as const) {
      if (point < 0) continue;
      at(point);
      pen.lineWidth = width;
      pen.beginPath();
      pen.arc(0, 0, radius, 0, 2 * Math.PI);
      pen.stroke();
    }
  }, [pixels, size, theme, groups, near, chosen, inside]);

  const placeOf = (event: React.PointerEvent<HTMLCanvasElement>): [number, number] => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  const onDown = (event: React.PointerEvent<HTMLCanvasElement>) => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const [x, y] = placeOf(event);
    setBox({ x0: x, y0: y, x1: x, y1: y });
  };
  const onMove = (event: React.PointerEvent<HTMLCanvasElement>) => {
    const [x, y] = placeOf(event);
    if (box) setBox({ ...box, x1: x, y1: y });
    else onNear(pointAt(pixels, x, y, REACH_PX));
  };
  const onUp = () => {
    if (!box) return;
    setBox(null);
    if (isDrag(box)) {
      setInside(pointsInside(pixels, box));
      return;
    }
    setInside([]);
    const point = pointAt(pixels, box.x1, box.y1, REACH_PX);
    const ref = point === null ? undefined : drawing.refs[point];
    if (ref) void choose(ref);
  };
  return (
    <div className={styles.sheet}>
      <canvas
        ref={canvas}
        role="img"
        aria-label={t.map.canvas}
        className={styles.canvas}
        onPointerDown={onDown}
        onPointerMove={onMove}
        onPointerUp={onUp}
        onPointerCancel={() => setBox(null)}
        onPointerLeave={() => onNear(null)}
      />
      {box && isDrag(box) && (
        <div
          className={styles.box}
          style={{
            left: Math.min(box.x0, box.x1),
            top: Math.min(box.y0, box.y1),
            width: Math.abs(box.x1 - box.x0),
            height: Math.abs(box.y1 - box.y0),
          }}
        />
      )}
    </div>
  );
}

const isDrag = ({ x0, y0, x1, y1 }: Box): boolean => Math.hypot(x1 - x0, y1 - y0) > STILL_PX;
