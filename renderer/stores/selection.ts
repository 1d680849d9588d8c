/** What is chosen in a list, by what the lines are and not by their places: lines come, go and change their order. */
export interface Selection {
  readonly chosen: ReadonlySet<string>;
  /** From which line Shift reaches; null: none was pressed yet. */
  readonly anchor: string | null;
  /** How far it reached last. */
  readonly end: string | null;
  /** What was chosen when the anchor was set: Shift reaches anew each time, so that it takes back what it reached before. */
  readonly base: ReadonlySet<string>;
}

const none: ReadonlySet<string> = new Set();
export const nothingChosen: Selection = { chosen: none, anchor: null, end: null, base: none };

/** A line is chosen where it was not, and the other way round. Pure. */
export function toggled({ chosen }: Selection, id: string): Selection {
  const next = new Set(chosen);
  if (!next.delete(id)) next.add(id);
  return { chosen: next, anchor: id, end: id, base: next };
}

/** Reaches from the anchor to a line, in the order that is seen: all between does as the anchor does. Without an anchor the line is the first. Pure. */
export function reached(selection: Selection, order: readonly string[], id: string): Selection {
  const { anchor, base, chosen } = selection;
  const [from, to] = [anchor === null ? -1 : order.indexOf(anchor), order.indexOf(id)];
  if (to < 0) return selection;
  if (anchor === null || from < 0) return chosen.has(id) ? { chosen, anchor: id, end: id, base: chosen } : toggled(selection, id);
  const next = new Set(base);
  for (const between of order.slice(Math.min(from, to), Math.max(from, to) + 1)) {
    if (base.has(anchor)) next.add(between);
    else next.delete(between);
  }
  return { chosen: next, anchor, end: id, base };
}

/** Shift with a key that leads from one line to another: goes on where it reached last, else the line it leaves is chosen and the anchor. Pure. */
export function reachedByKey(selection: Selection, order: readonly string[], from: string, to: string): Selection {
  if (selection.end === from && selection.anchor !== null) return reached(selection, order, to);
  const chosen = new Set(selection.chosen).add(from);
  return reached({ chosen, anchor: from, end: from, base: chosen }, order, to);
}

/** These are chosen beside what is, or none of them any more. Pure. */
export function withAll({ chosen }: Selection, ids: readonly string[], on: boolean): Selection {
  const next = new Set(chosen);
  for (const id of ids) {
    if (on) next.add(id);
    else next.delete(id);
  }
  return { chosen: next, anchor: null, end: null, base: next };
}

/** Without what is not listed any more: nothing is done to what nobody sees. The same where all of it is. Pure. */
export function kept(selection: Selection, listed: ReadonlySet<string>): Selection {
  const { chosen, anchor, end, base } = selection;
  const isGone = (id: string): boolean => !listed.has(id);
  if (![...chosen, ...base].some(isGone) && (anchor === null || !isGone(anchor)) && (end === null || !isGone(end))) return selection;
  const rest = (ids: ReadonlySet<string>): ReadonlySet<string> => new Set([...ids].filter((id) => !isGone(id)));
  return {
    chosen: rest(chosen), base: rest(base), anchor: anchor === null || isGone(anchor) ? null : anchor, end: end === null || isGone(end) ? null : end,
  };
}

/** Whether all, some or none of these are chosen; none of nothing. Pure. */
export function shareOf({ chosen }: Selection, ids: readonly string[]): 'all' | 'some' | 'none' {
  const n = ids.filter((id) => chosen.has(id)).length;
  return n === 0 ? 'none' : n === ids.length ? 'all' : 'some';
}
