import { isAskable, isUnchecked, type PlannedChange } from '../../../shared/domain/operations/parameters/change';
import type { ParameterEntry } from '../../../shared/domain/operations/parameters/history';
import type { Parameter } from '../../../shared/domain/operations/parameters/parameter';
import { planSet, type ChangeSet, type ParameterPlan } from '../../../shared/domain/operations/parameters/plan';
import type { BrokenRule } from '../../../shared/domain/operations/parameters/rules/rules';
import type { ParameterChange } from '../../../shared/domain/operations/parameters/change';
import { planUndo, type UndoSet } from '../../../shared/domain/operations/parameters/undo';
import { missingRights } from '../../../shared/domain/accounts/rights';
import type { Precondition } from '../../../shared/domain/tasks/plan';
import { message, type Message } from '../../../shared/i18n/message';
import { errorOf } from '../../../shared/errors/codes';
import { readGrants } from '../../mysql/accounts/privileges';
import { isRefusal } from '../../mysql/errors';
import { quoteId } from '../../mysql/quote';
import type { Session, Statement } from '../../mysql/types';
import { planLifeMs } from '../../tasks/plan-drafts';
import { readParameters } from './read';
import { literalOf, optionLines, statementFor } from './statements';

/** What is asked for: changes, or an entry of the history to be taken back. */
export type ParameterRequest =
  | { readonly kind: 'change'; readonly instanceId: string; readonly changes: readonly ParameterChange[] }
  | { readonly kind: 'undo'; readonly instanceId: string; readonly entry: ParameterEntry };

/** A change with its statements in the words of the server, and those that take it back. */
export interface StatedChange {
  readonly change: PlannedChange;
  readonly statements: readonly Statement[];
  readonly undo: readonly Statement[];
}

export interface ParameterDraft {
  readonly plan: ParameterPlan;
  readonly request: ParameterRequest;
  /** In their order. */
  readonly stated: readonly StatedChange[];
  /** Every variable as it was when the plan was made. */
  readonly before: readonly Parameter[];
  readonly basis: string;
}

interface DraftCase {
  readonly id: string;
  readonly request: ParameterRequest;
  readonly name: string;
  readonly replicas: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Reads a server and plans; changes nothing. */
export async function draftParameters(session: Session, { id, request, name, replicas, now }: DraftCase): Promise<ParameterDraft> {
  const before = await readParameters(session);
  const persists = session.dialect.features.hasSetPersist;
  const facts = { replicas, encrypted: session.tls !== null, persists };
  const set: AnySet = request.kind === 'change' ? planSet(before, request.changes, facts) : undoSet(planUndo(before, request.entry), persists);
  const stated = set.changes.map((change): StatedChange => ({
    change,
    statements: change.statements.map((one) => statementFor(session.dialect, one)),
    undo: change.undo.map((one) => statementFor(session.dialect, one)),
  }));
  const preconditions = [
    ...set.preconditions ?? preconditionsOf(set),
    ...(request.kind === 'change' ? [...await refusedByServer(session, set.changes, before), ...unchecked(set.changes, before)] : []),
    ...await rightsFor(session, set.changes),
  ];
  const lines = request.kind === 'change' ? optionLines(set.changes.flatMap(({ line }) => line ?? [])) : [];
  const keeps = set.changes.some(({ statements }) => statements.some(({ verb }) => verb === 'persist' || verb === 'persist-only'));
  return {
    request, stated, before,
    basis: JSON.stringify([set.changes.map((one) => [one.name, one.value, one.before]), preconditions.map(({ id: of, status }) => [of, status])]),
    plan: {
      id, kind: 'parameters', createdAt: now, expiresAt: now + planLifeMs, instanceId: request.instanceId, name, purpose: request.kind,
      preconditions,
      steps: stated.map(({ change, statements }) => ({
        id: change.name, title: message(`parameters.step.${change.takesEffect}`, { name: change.name, value: shown(change.value) }),
        sql: statements.map(({ redacted }) => ({ server: name, sql: redacted })), pointOfNoReturn: false, undoable: change.statements.length > 0,
      })),
      warnings: warningsOf(set, replicas, lines),
      phrase: null,
      changes: set.changes,
      optionLines: lines,
      undoSql: [...stated].reverse().flatMap(({ undo }) => undo.map(({ redacted }) => ({ server: name, sql: redacted }))),
      rescue: keeps ? message('parameters.rescue', { file: `${datadirOf(before)}mysqld-auto.cnf` }) : null,
    },
  };
}

interface AnySet extends Pick<ChangeSet, 'changes' | 'refused' | 'broken'> {
  readonly preconditions?: readonly Precondition[];
  readonly warnings?: readonly Message[];
}

/** What was is not held against the rules: it is where the server was. That somebody has changed it since is told, and must be accepted. */
function undoSet({ changes, movedOn, gone, byHand }: UndoSet, persists: boolean): AnySet {
  const preconditions = [
    ...(changes.length === 0 ? [nothingToDo] : []),
    ...movedOn.map(({ name, left, now }): Precondition => ({
      id: `moved-on:${name}`, title: message('parameters.precondition.moved-on', { name }), status: 'warn',
      measured: message('parameters.moved-on', { left: shown(left), now: shown(now) }), remedy: null, sql: LIVE,
    })),
    ...gone.map((name): Precondition => ({
      id: `gone:${name}`, title: message('parameters.precondition.value', { name }), status: 'warn',
      measured: message('parameters.refusal.unknown'), remedy: null, sql: LIVE,
    })),
  ];
  const lines = byHand.length === 0 || persists ? [] : [message('parameters.warning.take-out', { lines: byHand.join('; ') })];
  return { changes, refused: [], broken: [], preconditions, warnings: lines };
}

const LIVE = 'SHOW GLOBAL VARIABLES';

const nothingToDo: Precondition = {
  id: 'nothing', title: message('parameters.precondition.nothing'), status: 'fail', measured: message('parameters.nothing'), remedy: null, sql: LIVE,
};

function preconditionsOf({ changes, refused, broken }: AnySet): readonly Precondition[] {
  return [
    ...refused.map(({ name, reason, limit }): Precondition => ({
      id: `value:${name}`, title: message('parameters.precondition.value', { name }), status: 'fail', sql: LIVE, remedy: null,
      measured: reason === 'owned' ? message('parameters.refusal.owned', { owner: limit }) : message(`parameters.refusal.${reason}`, { limit: shown(limit) }),
    })),
    ...broken.map(rulePrecondition),
    ...(changes.length === 0 && refused.length === 0 ? [nothingToDo] : []),
  ];
}

function rulePrecondition({ id, severity, moment, values }: BrokenRule): Precondition {
  return {
    id: `rule:${id}`, status: severity === 'refuse' ? 'fail' : 'warn', sql: LIVE, remedy: null, measured: message(`parameters.rule.${id}`),
    title: message(`parameters.precondition.together.${moment}`, { values: values.map(({ name, value }) => `${name} = ${shown(value)}`).join(' · ') }),
  };
}

const parameterOf = (before: readonly Parameter[], { name }: PlannedChange): Parameter | undefined => before.find((one) => one.name === name);

/** PERSIST_ONLY takes any value: what the server makes of one is asked on this session, whose own value is put back at once. */
async function refusedByServer(session: Session, changes: readonly PlannedChange[], before: readonly Parameter[]): Promise<readonly Precondition[]> {
  const found: Precondition[] = [];
  for (const change of changes) {
    const parameter = parameterOf(before, change);
    if (parameter === undefined || !isAskable(change, parameter)) continue;
    const { name, value } = change;
    const [own] = await session.query<{ value: string | number | null }>(`SELECT @@SESSION.${quoteId(name)} AS value`);
    try {
      await session.run(session.dialect.setSession(name, literalOf({ value, kind: parameter.kind })));
    } catch (thrown) {
      if (!isRefusal(thrown)) throw thrown;
      found.push({
        id: `value:${name}`, title: message('parameters.precondition.value', { name }), status: 'fail', sql: `SET SESSION ${name} = …`, remedy: null,
        measured: message('parameters.refusal.server', { detail: shown(errorOf(thrown).detail ?? errorOf(thrown).code) }),
      });
    } finally {
      await session.query(`SET SESSION ${quoteId(name)} = ?`, [own?.value ?? null]);
    }
  }
  return found;
}

function unchecked(changes: readonly PlannedChange[], before: readonly Parameter[]): readonly Precondition[] {
  return changes.filter((change) => {
    const parameter = parameterOf(before, change);
    return parameter !== undefined && isUnchecked(change, parameter);
  }).map(({ name, value }) => ({
    id: `unchecked:${name}`, title: message('parameters.precondition.value', { name }), status: 'warn', sql: LIVE, remedy: null,
    measured: message('parameters.unchecked', { value: shown(value) }),
  }));
}

/** What the login lacks for the statements: told before, though the server would say it too. */
async function rightsFor(session: Session, changes: readonly PlannedChange[]): Promise<readonly Precondition[]> {
  const verbs = new Set(changes.flatMap(({ statements }) => statements.map(({ verb }) => verb)));
  if (verbs.size === 0) return [];
  const purposes = verbs.has('persist-only') ? ['set-variables', 'persist-fixed-variables'] as const : ['set-variables'] as const;
  const wanted = [...new Set(purposes.flatMap((purpose) => session.dialect.privilegesFor(purpose)))];
  const missing = missingRights(await readGrants(session), wanted);
  return [{
    id: 'rights', title: message('parameters.precondition.rights'), status: missing.length === 0 ? 'pass' : 'fail', sql: 'SHOW GRANTS', remedy: null,
    measured: missing.length === 0 ? message('parameters.rights.all') : message('parameters.rights.missing', { rights: missing.join(', ') }),
  }];
}

function warningsOf({ changes, warnings = [] }: AnySet, replicas: number, lines: readonly string[]): readonly Message[] {
  const sets = changes.some(({ statements }) => statements.length > 0);
  return [
    ...warnings,
    ...(lines.length > 0 ? [message('parameters.warning.option-file')] : []),
    ...(changes.some(({ takesEffect }) => takesEffect === 'restart') ? [message('parameters.warning.restart')] : []),
    ...(changes.some(({ takesEffect }) => takesEffect === 'new-sessions') ? [message('parameters.warning.sessions')] : []),
    ...(replicas > 0 && sets ? [message('parameters.warning.replicas', { count: replicas })] : []),
  ];
}

const datadirOf = (parameters: readonly Parameter[]): string => parameters.find(({ name }) => name === 'datadir')?.value ?? '';

/** Long values are cut in the middle of a text; the statements have them whole. */
function shown(value: string): string {
  return value === '' ? "''" : value.length > 120 ? `${value.slice(0, 119)}…` : value;
}
