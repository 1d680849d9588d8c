/** A stretch in which nothing was known, ms since the epoch. */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

/** A moment of a line; NaN: nothing was known then. */
export interface Moment {
  readonly at: number;
  readonly value: number;
}

/**
 * The stretches up to `to` in which nothing was known: readings that said so, and silences longer than `silenceMs`. Each reaches
 * from the last reading that knew to the next one that did. Before the first reading nothing was asked: that is no gap. Pure.
 */
export function gapsOf(moments: readonly Moment[], to: number, silenceMs: number): readonly Gap[] {
  const gaps: Gap[] = [];
  let known: number | null = null;
  let unknown: number | null = null;
  for (const { at, value } of moments) {
    if (Number.isNaN(value)) {
      unknown ??= known ?? at;
      continue;
    }
    if (unknown !== null) gaps.push({ from: unknown, to: at });
    else if (known !== null && at - known > silenceMs) gaps.push({ from: known, to: at });
    known = at;
    unknown = null;
  }
  if (unknown !== null) gaps.push({ from: unknown, to: Math.max(to, unknown) });
  else if (known !== null && to - known > silenceMs) gaps.push({ from: known, to });
  return gaps;
}

/** How long the gaps of a window are together, ms; what lies before `from` does not count. */
export function gapMs(gaps: readonly Gap[], from: number): number {
  return gaps.reduce((sum, gap) => sum + Math.max(0, gap.to - Math.max(from, gap.from)), 0);
}
