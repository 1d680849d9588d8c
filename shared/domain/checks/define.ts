import type { AccountChoice } from '../accounts/shared-accounts';
import type { AppError } from '../../errors/codes';
import { message, type Message, type MessageParams } from '../../i18n/message';
import type { CheckGroup, CheckLevel, CheckResult, CheckStatus, Remedy } from './check';
import type { Endpoint } from '../fleet/instance';
import type { ScopePart } from '../scope/change';
import type { Scope } from '../scope/scope';
import type { SeedChoice } from '../sync/sync';
import type { CheckFacts, FactName } from './facts';
import type { CheckId } from './ids';
import { refs } from './refs';

/** What is asked for, with the names and addresses the texts and decisions need. */
export interface CheckInput {
  readonly source: CheckSide;
  readonly standby: CheckSide;
  readonly scope: Scope;
  readonly seed: SeedChoice;
  /** The user agreed that the standby's databases are erased. */
  readonly eraseTarget: boolean;
  /** What the user agreed that is dropped on the standby as it leaves the scope. */
  readonly dropped: readonly ScopePart[];
  /** What the copy does with ordinary accounts that both servers have and that differ. */
  readonly accounts: AccountChoice;
  /** What the user chose to be proven of the source before anything is sent to it: for the administrator, and so for the link. */
  readonly verifies: 'nothing' | 'chain' | 'identity';
  /** The account the link will use, where it exists already; null: the task will create one. */
  readonly replicationUser: string | null;
}

export interface CheckSide {
  readonly name: string;
  readonly admin: Endpoint;
  readonly replication: Endpoint;
}

/** What a check concluded. `level` only where it differs from the check's own. */
export interface CheckOutcome {
  readonly status: CheckStatus;
  readonly measured: Message;
  readonly required?: Message;
  readonly level?: CheckLevel;
  readonly remedy?: Remedy;
  readonly fixable?: boolean;
  readonly needsRestart?: boolean;
  /** Everything the measurement names, one by one, for the long list behind the short text. Untrusted names. */
  readonly items?: readonly string[];
  readonly accounts?: CheckResult['accounts'];
}

export interface CheckDefinition {
  readonly id: CheckId;
  readonly group: CheckGroup;
  readonly level: CheckLevel;
  readonly needs: readonly FactName[];
  /** Why the check does not apply to this request; null: it does. Asked before anything is read. */
  applies(input: CheckInput): Message | null;
  /** Pure: the same facts and request give the same outcome. Throws a TypeError where `facts` lacks what `needs` names. */
  decide(facts: Partial<CheckFacts>, input: CheckInput): CheckOutcome;
}

interface Definition<Needed extends FactName> {
  readonly id: CheckId;
  readonly group: CheckGroup;
  readonly level: CheckLevel;
  readonly needs: readonly Needed[];
  readonly applies?: (input: CheckInput) => Message | null;
  readonly decide: (facts: Pick<CheckFacts, Needed>, input: CheckInput) => CheckOutcome;
}

/** Declares a check; `decide` sees only the facts that `needs` names. */
export function defineCheck<Needed extends FactName>(definition: Definition<Needed>): CheckDefinition {
  const { id, group, level, needs, applies, decide } = definition;
  return { id, group, level, needs, applies: applies ?? (() => null), decide: (facts, input) => decide(factsFor(facts, needs), input) };
}

/** Of what was read the facts that are named. Throws a TypeError where one is missing. */
export function factsFor<Name extends FactName>(facts: Partial<CheckFacts>, names: readonly Name[]): Pick<CheckFacts, Name> {
  if (!holds(facts, names)) throw new TypeError(`Not read: ${names.filter((name) => !(name in facts)).join(', ')}`);
  return facts;
}

function holds<Name extends FactName>(facts: Partial<CheckFacts>, names: readonly Name[]): facts is Pick<CheckFacts, Name> {
  return names.every((name) => name in facts);
}

export function passed(measured: Message, more: Partial<CheckOutcome> = {}): CheckOutcome {
  return { status: 'pass', measured, ...more };
}

/** A miss; its status is what its level means. */
export function missed(level: CheckLevel, measured: Message, more: Partial<CheckOutcome> = {}): CheckOutcome {
  return { status: level, level, measured, ...more };
}

export function skipped(reason: Message): CheckOutcome {
  return { status: 'skipped', measured: reason };
}

/** The result of a check: its own texts around an outcome. */
export function resultOf(definition: CheckDefinition, outcome: CheckOutcome, tookMs: number): CheckResult {
  const { id, group, level } = definition;
  return {
    id,
    group,
    title: message(`checks.${id}.title`),
    level: outcome.level ?? level,
    status: outcome.status,
    measured: outcome.measured,
    required: outcome.required ?? message(`checks.${id}.required`),
    why: message(`checks.${id}.why`),
    remedy: outcome.remedy ?? null,
    fixable: outcome.fixable ?? false,
    needsRestart: outcome.needsRestart ?? false,
    ref: refs[id],
    tookMs,
    ...(outcome.items === undefined ? {} : { items: outcome.items }),
    ...(outcome.accounts === undefined ? {} : { accounts: outcome.accounts }),
  };
}

/** The outcome of a check whose facts could not be read: the server's own text, as data. */
export function unreadable(error: AppError): CheckOutcome {
  const text = error.detail ?? error.code;
  const measured = error.server === undefined ? message('checks.unreadable', { text }) : message('checks.unreadable-on', { text, server: error.server });
  return { status: 'error', measured };
}

/** Values of both sides, the usual measurement. */
export function both(source: string | number, standby: string | number): Message {
  return message('checks.measured.both', { source: String(source), standby: String(standby) });
}

export function value(text: string | number): Message {
  return message('checks.measured.value', { value: String(text) });
}

/** A count and the first names; the whole list goes to `items`. */
export function listed(items: readonly string[]): MessageParams & { readonly count: number; readonly list: string } {
  const shown = items.slice(0, 8).join(', ');
  const more = items.length - 8;
  return { count: items.length, list: more > 0 ? `${shown} … (+${more})` : shown };
}
