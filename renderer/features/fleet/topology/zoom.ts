/** Scales between which the graph is drawn; 1 is its own size. */
export const scales = { least: 0.2, most: 2, step: 1.25 } as const;
/** Below it a server is drawn by its name alone, in letters that can still be read. */
export const plainBelow = 0.7;

export interface Size {
  readonly width: number;
  readonly height: number;
}

export function clampScale(scale: number): number {
  return Math.min(scales.most, Math.max(scales.least, scale));
}

/** The scale at which all of a drawing is in sight; never above its own size. A view without room shows it at its own size. */
export function fitScale(drawing: Size, view: Size): number {
  if (view.width <= 0 || view.height <= 0 || drawing.width <= 0 || drawing.height <= 0) return 1;
  return clampScale(Math.min(1, view.width / drawing.width, view.height / drawing.height));
}

/** The scale at which every column is in sight: a fleet of many rows is read from top to bottom. */
export function widthScale(drawing: Size, view: Size): number {
  return fitScale({ ...drawing, height: 1 }, { ...view, height: Math.max(1, view.height) });
}

/** Where to scroll to on one axis, so that what is at `at` (pixels from the edge of the view) stays there while the scale changes. */
export function scrollToKeep(scrolled: number, at: number, from: number, to: number): number {
  return Math.max(0, ((scrolled + at) / from) * to - at);
}

/** Letters of the name where it stands alone, in the drawing's own pixels: as large as can be read, no larger than its box bears. */
export function plainFont(scale: number): number {
  return Math.min(32, 11 / scale);
}

/** How many letters of that size fit into `width` pixels of the drawing; bold Latin letters are less than two thirds as wide as high. */
export function lettersIn(width: number, fontSize: number): number {
  return Math.max(4, Math.floor(width / (fontSize * 0.63)));
}

/** A part of the drawing, in its own pixels. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Pixels of the window by which the part that is drawn moves on: scrolling within it draws nothing anew. */
const stride = 300;

/** The part of a drawing that is in sight, with as much again around it; null: the view has no room to tell by. Pure. */
export function areaInSight(scrolled: { readonly left: number; readonly top: number }, room: Size, scale: number): Area | null {
  if (room.width <= 0 || room.height <= 0) return null;
  const from = (at: number): number => (Math.floor(at / stride) - 1) * stride;
  const to = (at: number, length: number): number => (Math.ceil((at + length) / stride) + 1) * stride;
  return {
    left: from(scrolled.left) / scale, top: from(scrolled.top) / scale,
    right: to(scrolled.left, room.width) / scale, bottom: to(scrolled.top, room.height) / scale,
  };
}

/** Whether two parts of a drawing have anything in common. Pure. */
export const overlaps = (a: Area, b: Area): boolean => a.left <= b.right && b.left <= a.right && a.top <= b.bottom && b.top <= a.bottom;
