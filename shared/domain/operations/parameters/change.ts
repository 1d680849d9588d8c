import { sameValue, switchOf, wholeOf } from './compare';
import { wordsOfSet } from './known/variables';
import { isSecret } from './owners';
import type { Parameter } from './parameter';

/**
 * How long a value is to hold: `lasting`, now and after a restart; `restart`, from the next start on; `running`, until the next start;
 * `forget`, what SET PERSIST keeps is dropped and the running value stays.
 */
export const keepings = ['lasting', 'restart', 'running', 'forget'] as const;
export type Keeping = (typeof keepings)[number];

/** One variable as somebody wants it. */
export interface ParameterChange {
  readonly name: string;
  /** As typed, `128M` and `on` too; of no account where it is to be forgotten. */
  readonly value: string;
  readonly keep: Keeping;
}

/** Why a change cannot be made on this server, each with its text `parameters.refusal.<reason>`. */
type Refusal =
  | 'unknown' | 'owned' | 'twice' | 'not-a-number' | 'below' | 'above' | 'not-a-switch' | 'not-a-word' | 'line-break' | 'not-dynamic'
  | 'nothing-kept' | 'no-persist' | 'unchanged';

/** What the statement of a change says. */
type Verb = 'persist' | 'persist-only' | 'global' | 'reset-persist';

/** One statement, before it has the words of a version. */
export interface ParameterStatement {
  readonly verb: Verb;
  readonly name: string;
  readonly value: string;
  readonly kind: Parameter['kind'];
}

/** A line of the option file. */
export interface OptionLine {
  readonly name: string;
  readonly value: string;
}

/** What a variable was before a change: all that an undo needs. */
export interface Standing {
  readonly value: string;
  readonly persisted: string | null;
}

/** A change as it would be made. */
export interface PlannedChange {
  readonly name: string;
  readonly keep: Keeping;
  /** As the server takes it: sizes in bytes, switches as ON and OFF. */
  readonly value: string;
  readonly before: Standing;
  readonly statements: readonly ParameterStatement[];
  /** What the option file needs, where the server cannot keep it by itself. */
  readonly line: OptionLine | null;
  /** When it is in force: at once, for sessions that begin from now on, or when the server starts again. */
  readonly takesEffect: 'now' | 'new-sessions' | 'restart' | 'never';
  readonly undo: readonly ParameterStatement[];
}

export type ChangeVerdict =
  | { readonly ok: true; readonly change: PlannedChange }
  | { readonly ok: false; readonly name: string; readonly reason: Refusal; readonly limit: string };

const refused = (name: string, reason: Refusal, limit = ''): ChangeVerdict => ({ ok: false, name, reason, limit });

/** What one change comes to on a server whose variable stands as `parameter` says; null: there is none of that name. */
export function planChange(parameter: Parameter | null, wanted: ParameterChange, persists: boolean): ChangeVerdict {
  const { name, keep } = wanted;
  if (parameter === null) return refused(name, 'unknown');
  if (parameter.owner !== null || isSecret(name)) return refused(name, 'owned', parameter.owner ?? 'secret');
  if (keep === 'forget') return planForgetting(parameter, persists);
  const taken = takenValue(parameter, wanted.value);
  if (!taken.ok) return refused(name, taken.reason, taken.limit);
  const { value } = taken;
  if (parameter.dynamic === false && keep === 'running') return refused(name, 'not-dynamic');
  if (isUnchanged(parameter, value, keep)) return refused(name, 'unchanged', parameter.value);

  const { kind, persisted, dynamic, persistable } = parameter;
  const atRestart = keep === 'restart' || dynamic === false;
  const verb: Verb | null = atRestart ? (persistable ? 'persist-only' : null) : keep === 'lasting' && persistable ? 'persist' : 'global';
  const needsLine = !persistable && keep !== 'running';
  return {
    ok: true,
    change: {
      name, keep, value,
      before: { value: parameter.value, persisted },
      statements: verb === null ? [] : [{ verb, name, value, kind }],
      line: needsLine ? { name, value } : null,
      takesEffect: atRestart ? 'restart' : parameter.perSession ? 'new-sessions' : 'now',
      undo: undoOf(verb, parameter),
    },
  };
}

function planForgetting(parameter: Parameter, persists: boolean): ChangeVerdict {
  const { name, value, persisted, kind } = parameter;
  if (!persists) return refused(name, 'no-persist');
  if (persisted === null) return refused(name, 'nothing-kept');
  return {
    ok: true,
    change: {
      name, keep: 'forget', value, before: { value, persisted }, line: null, takesEffect: 'restart',
      statements: [{ verb: 'reset-persist', name, value: '', kind }], undo: [{ verb: 'persist-only', name, value: persisted, kind }],
    },
  };
}

/**
 * Whether nobody looks at a value before the server starts again: PERSIST_ONLY takes any text, and so do the variables of TLS, which are read when TLS is
 * set up. A wrong one keeps the server from starting.
 */
export function isUnchecked(change: PlannedChange, parameter: Pick<Parameter, 'kind' | 'perSession' | 'dynamic'>): boolean {
  const { name, statements } = change;
  return statements.some(({ verb }) => (verb === 'persist-only' && parameter.kind === 'text' && !isAskable(change, parameter))
    || ((verb === 'persist' || verb === 'persist-only') && /^(?:admin_)?(?:ssl|tls)_(?!version$)/.test(name)));
}

/** Whether the server can be asked what it makes of a value that is only kept: each session has one of its own, which is put back at once. */
export function isAskable({ name, statements }: PlannedChange, { perSession, dynamic }: Pick<Parameter, 'perSession' | 'dynamic'>): boolean {
  return perSession && dynamic !== false && statements.some(({ verb }) => verb === 'persist-only')
    && !/^(?:character_set_(?:client|results|connection)|collation_connection)$/.test(name);
}

/** Value and persistence as they were: what was not kept is forgotten again, and what was kept is kept again. */
function undoOf(verb: Verb | null, { name, kind, value, persisted }: Parameter): readonly ParameterStatement[] {
  const live: ParameterStatement = { verb: 'global', name, value, kind };
  const kept: ParameterStatement = persisted === null
    ? { verb: 'reset-persist', name, value: '', kind }
    : { verb: 'persist-only', name, value: persisted, kind };
  switch (verb) {
    case null:
      return [];
    case 'global':
      return [live];
    case 'persist':
      return [live, kept];
    case 'persist-only':
    case 'reset-persist':
      return [kept];
  }
}

function isUnchanged({ name, value, persisted, persistable }: Parameter, wanted: string, keep: Keeping): boolean {
  const isThat = (text: string | null): boolean => text !== null && sameValue(name, text, wanted) !== 'different';
  switch (keep) {
    case 'running':
      return isThat(value);
    case 'lasting':
      return isThat(value) && (persistable ? isThat(persisted) : false);
    case 'restart':
      return persistable && isThat(persisted);
    case 'forget':
      return false;
  }
}

type Taken = { readonly ok: true; readonly value: string } | { readonly ok: false; readonly reason: Refusal; readonly limit: string };

/** The value as a statement says it, from what was typed; or why the variable does not take it. */
function takenValue(parameter: Parameter, typed: string): Taken {
  const { kind, choices, maximum } = parameter;
  const minimum = parameter.minimum ?? leastUntold(parameter);
  const no = (reason: Refusal, limit = ''): Taken => ({ ok: false, reason, limit });
  // eslint-disable-next-line no-control-regex -- what no option file can hold
  if (/[\u0000-\u001f\u007f]/.test(typed)) return no('line-break');
  switch (kind) {
    case 'switch': {
      const word = switchOf(typed);
      return word === null ? no('not-a-switch') : { ok: true, value: word };
    }
    case 'words': {
      const word = choices?.find((one) => one.toLowerCase() === typed.trim().toLowerCase());
      return word === undefined ? no('not-a-word', (choices ?? []).join(', ')) : { ok: true, value: word };
    }
    case 'number':
      return takenNumber(typed, minimum, maximum);
    case 'set': {
      const known = wordsOfSet(parameter.name);
      const strange = known !== null && typed.split(',').map((one) => one.trim().toLowerCase())
        .some((word) => word !== '' && !known.some((one) => one.toLowerCase() === word));
      return strange ? no('not-a-word', known.join(', ')) : { ok: true, value: typed };
    }
    case 'text':
      return { ok: true, value: typed };
  }
}

/**
 * Before 8.0 no server tells its range, and it makes of a negative number the least it takes: a wait_timeout of −5 becomes one second. Refused here,
 * but where −1 says that the server is to choose, or a number counts from the end.
 */
function leastUntold({ name, source, manual }: Parameter): string | null {
  if (source !== null || manual === null || name === 'optimizer_trace_offset') return null;
  return /^(?:performance_schema_|back_log$|host_cache_size$|innodb_open_files$|table_definition_cache$|thread_cache_size$)/.test(name) ? '-1' : '0';
}

function takenNumber(typed: string, minimum: string | null, maximum: string | null): Taken {
  const whole = wholeOf(typed);
  const text = whole === null ? typed.trim() : whole.toString();
  if (whole === null && !/^[+-]?\d+\.\d+$/.test(text)) return { ok: false, reason: 'not-a-number', limit: '' };
  // Past 2^53 the comparison of two numbers would be of their neighbours.
  const compare = (limit: string): number => {
    const bound = wholeOf(limit);
    if (whole !== null && bound !== null) return whole < bound ? -1 : whole > bound ? 1 : 0;
    return Math.sign(Number(text) - Number(limit));
  };
  if (minimum !== null && compare(minimum) < 0) return { ok: false, reason: 'below', limit: minimum };
  if (maximum !== null && compare(maximum) > 0) return { ok: false, reason: 'above', limit: maximum };
  return { ok: true, value: text };
}
