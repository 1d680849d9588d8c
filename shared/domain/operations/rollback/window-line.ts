// What can be gone back to as a line of time: stretches that the log holds, and gaps of which nothing does. Pure.
import type { RollbackWindow } from './transaction';

/** Moments are milliseconds since the epoch. `file`: a file of the log, and those behind it whose time was not asked. `gap`: no log holds it. */
interface LineStretch {
  readonly kind: 'file' | 'gap';
  readonly from: number;
  readonly until: number;
  /** Of a file. */
  readonly name: string | null;
  readonly bytes: number;
}

export interface WindowStretches {
  readonly start: number;
  readonly end: number;
  readonly stretches: readonly LineStretch[];
}

/** A moment of which the line is never shorter, ms. */
const shortest = 1000;

/** null: the log holds nothing. */
export function stretchesOf({ files, from, now, backups }: Pick<RollbackWindow, 'files' | 'from' | 'now' | 'backups'>): WindowStretches | null {
  if (from === null) return null;
  const start = Math.min(from, ...backups.map(({ at }) => at));
  const end = Math.max(now, start + shortest);
  const begun = files.flatMap(({ name, bytes, begunAt }) => (begunAt === null ? [] : [{ name, bytes, begunAt }]));
  const held = begun.map(({ name, bytes, begunAt }, i): LineStretch =>
    ({ kind: 'file', from: begunAt, until: Math.max(begunAt, begun[i + 1]?.begunAt ?? end), name, bytes }));
  // From a backup that the log reaches back to nothing is missing up to it, whatever the time of its first file.
  const reached = backups.filter(({ reachable, at }) => reachable && at < from).map(({ at }) => at);
  const whole = Math.min(from, ...reached);
  return {
    start, end,
    stretches: [
      ...(start < whole ? [{ kind: 'gap', from: start, until: whole, name: null, bytes: 0 } as const] : []),
      ...(whole < from ? [{ kind: 'file', from: whole, until: from, name: null, bytes: 0 } as const] : []), ...held,
    ],
  };
}

/** Where a moment stands on a line, percent. */
export function placeOn({ start, end }: Pick<WindowStretches, 'start' | 'end'>, at: number): number {
  return Math.min(100, Math.max(0, ((at - start) / (end - start)) * 100));
}

/** Whether a moment can be gone back to by the log alone. */
export function isHeld({ stretches }: WindowStretches, at: number): boolean {
  return !stretches.some(({ kind, from, until }) => kind === 'gap' && at >= from && at < until);
}
