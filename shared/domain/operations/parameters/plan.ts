import type { Message } from '../../../i18n/message';
import { nameOfToday } from '../../sql/variable-names';
import type { Plan, PlannedSql } from '../../tasks/plan';
import { planChange, type ChangeVerdict, type ParameterChange, type PlannedChange } from './change';
import type { Parameter } from './parameter';
import { brokenRules, inSafeOrder, type BrokenRule } from './rules/rules';
import type { RuleFacts } from './rules/values';

/** Most variables that one change takes. */
export const mostChanges = 200;

/** What the changes of a set come to together. */
export interface ChangeSet {
  /** In the order in which they are made. */
  readonly changes: readonly PlannedChange[];
  readonly refused: readonly Extract<ChangeVerdict, { ok: false }>[];
  readonly broken: readonly BrokenRule[];
}

/** Plans changes as one set: each by itself, then all of them by the rules, now and after a restart. */
export function planSet(parameters: readonly Parameter[], wanted: readonly ParameterChange[], facts: RuleFacts & { readonly persists: boolean }): ChangeSet {
  const byName = new Map(parameters.map((one) => [nameOfToday(one.name), one]));
  const seen = new Set<string>();
  const verdicts = wanted.map((one): ChangeVerdict => {
    const name = nameOfToday(one.name);
    if (seen.has(name)) return { ok: false, name: one.name, reason: 'twice', limit: '' };
    seen.add(name);
    const parameter = byName.get(name) ?? null;
    return planChange(parameter, parameter === null ? one : { ...one, name: parameter.name }, facts.persists);
  });
  const live = new Map(parameters.map(({ name, value }) => [name, value]));
  const made = inSafeOrder(verdicts.flatMap((verdict) => (verdict.ok ? [verdict.change] : [])), live);
  return { changes: made, refused: verdicts.flatMap((verdict) => (verdict.ok ? [] : [verdict])), broken: brokenBy(parameters, live, made, facts) };
}

/** Rules broken at once, and those broken only by what holds after the next start. */
function brokenBy(
  parameters: readonly Parameter[], live: ReadonlyMap<string, string>, made: readonly PlannedChange[], facts: RuleFacts,
): readonly BrokenRule[] {
  const names = made.map(({ name }) => name);
  const isNow = ({ takesEffect }: PlannedChange): boolean => takesEffect === 'now' || takesEffect === 'new-sessions';
  const nowAfter = new Map([...live, ...made.filter(isNow).map(({ name, value }) => [name, value] as const)]);
  const next = new Map(parameters.map(({ name, value, persisted }) => [name, persisted ?? value]));
  const nextAfter = new Map(next);
  for (const { name, keep, value } of made) {
    const initial = parameters.find((one) => one.name === name)?.initial ?? null;
    if (keep === 'forget' && initial !== null) nextAfter.set(name, initial);
    else if (keep === 'lasting' || keep === 'restart') nextAfter.set(name, value);
  }
  const now = brokenRules({ moment: 'now', before: live, after: nowAfter }, names, facts);
  const later = brokenRules({ moment: 'restart', before: next, after: nextAfter }, names, facts);
  return [...now, ...later.filter(({ id, severity }) => !now.some((one) => one.id === id && one.severity === severity))];
}

/** Changes of the parameters of one server, before they are made. */
export interface ParameterPlan extends Plan {
  readonly instanceId: string;
  readonly name: string;
  /** `undo`: of an earlier change. */
  readonly purpose: 'change' | 'undo';
  readonly changes: readonly PlannedChange[];
  /** Lines for section [mysqld] of the option file; empty: the server keeps everything by itself. */
  readonly optionLines: readonly string[];
  readonly undoSql: readonly PlannedSql[];
  /** How a server that does not start with what it keeps is brought up again; null: nothing is kept. */
  readonly rescue: Message | null;
}
