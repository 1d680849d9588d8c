import { nameOfToday } from '../../sql/variable-names';
import { sameValue } from './compare';
import type { ParameterStatement, PlannedChange } from './change';
import { isUndoable, type ParameterEntry, type RecordedChange } from './history';
import type { Parameter } from './parameter';

/** What taking an entry back comes to on the server as it is now. */
export interface UndoSet {
  readonly changes: readonly PlannedChange[];
  /** Variables that somebody has set to something else since. */
  readonly movedOn: readonly { readonly name: string; readonly left: string; readonly now: string }[];
  /** Variables that the server does not have any more. */
  readonly gone: readonly string[];
  /** Lines of the option file that are to be taken out again by hand. */
  readonly byHand: readonly string[];
}

/** Brings value and persistence of each variable back to what they were before the entry; what is so already is left alone. */
export function planUndo(parameters: readonly Parameter[], entry: ParameterEntry): UndoSet {
  const byName = new Map(parameters.map((one) => [nameOfToday(one.name), one]));
  const touched = isUndoable(entry) ? entry.changes.filter(({ outcome }) => !['by-hand', 'failed', 'taken-back'].includes(outcome)) : [];
  const found = touched.map((recorded) => ({ recorded, parameter: byName.get(nameOfToday(recorded.name)) }));
  return {
    // The last that was set goes back first: bounds between them hold on the way, as they held on the way there.
    changes: found.flatMap(({ recorded, parameter }) => (parameter === undefined ? [] : undoOne(parameter, recorded))).reverse(),
    movedOn: found.flatMap(({ recorded: { name, after }, parameter }) => {
      if (parameter === undefined || after === null || sameValue(name, parameter.value, after.value) !== 'different') return [];
      return [{ name, left: after.value, now: parameter.value }];
    }),
    gone: found.flatMap(({ recorded, parameter }) => (parameter === undefined ? [recorded.name] : [])),
    byHand: entry.optionLines,
  };
}

function undoOne({ name, kind, value, persisted, perSession, dynamic }: Parameter, { keep, before }: RecordedChange): readonly PlannedChange[] {
  const to = (to: { readonly value: string; readonly persisted: string | null }, from: typeof to): ParameterStatement[] => [
    ...(to.value === from.value || dynamic === false ? [] : [{ verb: 'global' as const, name, value: to.value, kind }]),
    ...(to.persisted === from.persisted ? [] : [
      to.persisted === null ? { verb: 'reset-persist' as const, name, value: '', kind } : { verb: 'persist-only' as const, name, value: to.persisted, kind },
    ]),
  ];
  const now = { value, persisted };
  const statements = to(before, now);
  if (statements.length === 0) return [];
  const isLive = statements.some(({ verb }) => verb === 'global');
  return [{
    name, keep, value: before.value, before: now, statements, line: null,
    takesEffect: isLive ? (perSession ? 'new-sessions' : 'now') : 'restart', undo: to(now, before),
  }];
}
