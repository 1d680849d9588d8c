import { nameOfToday } from '../../../sql/variable-names';
import { durabilityRules } from './durability';
import { innodbRules } from './innodb';
import { replicationRules } from './replication';
import { sessionRules } from './sessions';
import { Values, type ParameterRule, type RuleFacts } from './values';

const table = [...durabilityRules, ...replicationRules, ...innodbRules, ...sessionRules] as const;
export type RuleId = (typeof table)[number]['id'];

/** Values that must not be together, or only where somebody means it. */
export const parameterRules: readonly (ParameterRule & { readonly id: RuleId })[] = table;

/** When the values that break a rule are in force together: at once, or when the server starts again. */
type RuleMoment = 'now' | 'restart';

/** A rule that a change would break. */
export interface BrokenRule {
  readonly id: RuleId;
  readonly severity: 'refuse' | 'warn';
  readonly moment: RuleMoment;
  /** What of its variables the server has, with the values that they would have. */
  readonly values: readonly { readonly name: string; readonly value: string }[];
}

/** The values of a server at one moment, before a change and after it. */
export interface RuleCase {
  readonly moment: RuleMoment;
  readonly before: ReadonlyMap<string, string>;
  readonly after: ReadonlyMap<string, string>;
}

/**
 * The rules that a change breaks: those about one of the variables that it touches. What was broken before is not refused, so that
 * a server can be brought out of it step by step, and is told all the same.
 */
export function brokenRules({ moment, before, after }: RuleCase, changed: readonly string[], facts: RuleFacts): readonly BrokenRule[] {
  const touched = new Set(changed.map(nameOfToday));
  const [old, now] = [new Values(before), new Values(after)];
  return parameterRules
    .filter((rule) => rule.names.some((name) => touched.has(name)) && rule.breaks(now, facts))
    .map(({ id, names, severity, breaks }) => ({
      id, moment, severity: breaks(old, facts) ? 'warn' : severity,
      values: names.flatMap((name) => {
        const value = now.text(name);
        return value === null ? [] : [{ name, value }];
      }),
    }));
}

/**
 * Changes in an order in which no bound is passed on the way: a server cuts the lower of two values to the upper one without a
 * word. A character set comes before its collation, which the server would else set back.
 */
export function inSafeOrder<Change extends { readonly name: string; readonly value: string }>(
  changes: readonly Change[], before: ReadonlyMap<string, string>,
): Change[] {
  const ordered = [...changes];
  const old = new Values(before);
  const placeOf = (name: string): number => ordered.findIndex((one) => nameOfToday(one.name) === name);
  for (const { bound } of parameterRules) {
    if (bound === undefined) continue;
    const [lower, upper] = bound;
    const [low, high] = [placeOf(lower), placeOf(upper)];
    const [first, second] = [ordered[low], ordered[high]];
    if (first === undefined || second === undefined) continue;
    const rises = Number(new Values(new Map([[upper, second.value]])).number(upper)) > old.number(upper);
    const upperFirst = rises && low < high;
    const lowerFirst = !rises && high < low;
    if (upperFirst || lowerFirst) [ordered[low], ordered[high]] = [second, first];
  }
  return ordered;
}
