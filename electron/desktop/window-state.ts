import * as v from 'valibot';
import { openDocument } from '../storage/document';

/** Where and how large the window was, in density-independent pixels of the whole desktop. */
export interface WindowState {
  readonly x: number | null;
  readonly y: number | null;
  readonly width: number;
  readonly height: number;
  readonly maximized: boolean;
}

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const smallest = { width: 720, height: 560 } as const;
export const defaultState: WindowState = { x: null, y: null, width: 1280, height: 800, maximized: false };

const size = v.pipe(v.number(), v.integer(), v.minValue(100), v.maxValue(32_000));
const place = v.nullable(v.pipe(v.number(), v.integer(), v.minValue(-64_000), v.maxValue(64_000)));
const schema = v.object({ x: place, y: place, width: size, height: size, maximized: v.boolean() });

/** The state on disk; a broken file counts as none. */
export function openWindowState(dataFolder: string): { get(): WindowState; set(state: WindowState): void } {
  const document = openDocument({ dataFolder, name: 'window', version: 1, schema, empty: defaultState });
  return { get: () => document.get(), set: (state) => void document.set(state) };
}

/** Fits a remembered state onto the displays there are now: a window that would open out of sight opens at the centre. */
export function fitted(state: WindowState, displays: readonly Rectangle[]): WindowState {
  const width = Math.max(smallest.width, state.width);
  const height = Math.max(smallest.height, state.height);
  const { x, y } = state;
  // Enough of its title bar has to be on some display to take hold of it.
  const visible =
    x !== null &&
    y !== null &&
    displays.some((area) => x + width - 80 > area.x && x + 80 < area.x + area.width && y >= area.y - 8 && y + 40 < area.y + area.height);
  return { ...state, width, height, ...(visible ? {} : { x: null, y: null }) };
}
