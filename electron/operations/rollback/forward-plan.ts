// The plan of a rollback beside the originals that begins at a backup: which one, and whether its log leads to the moment.
import {
  inServersSpelling, newNameInSpelling, proposedNames, type Existing, type NewName, type RollbackObject,
} from '../../../shared/domain/operations/rollback/names';
import type { ForwardBackup, ForwardReading } from '../../../shared/domain/operations/rollback/forward';
import type { Precondition } from '../../../shared/domain/tasks/plan';
import type { AppError } from '../../../shared/errors/codes';
import { message, type Message } from '../../../shared/i18n/message';
import { isMessageKey } from '../../../shared/i18n/translate';
import { quoteId } from '../../mysql/quote';
import { globalVariable } from '../../mysql/reading';
import type { Session } from '../../mysql/types';
import { executedOn } from '../../replication/gtid';
import { planLifeMs } from '../../tasks/plan-drafts';
import { keysWarning, nameCaseOn, namePreconditions, newDatabases, readExisting, renameSql, type BesideDraft, type BesideRequest } from './beside-plan';
import { tablesOf } from './forward-run';
import { fromTransactionOn, options } from './log-reading';
import type { RollbackDeps } from './work';

/** Backups that are tried: each costs a reading of the log. */
const mostTried = 3;
const mostNamed = 10;

/** What a backup gives of a choice. */
interface Given {
  readonly backup: ForwardBackup;
  readonly names: readonly NewName[];
  /** Tables that were chosen by name, and that it lacks. */
  readonly lacks: readonly string[];
  /** Tables of today of databases that were chosen as wholes, which it lacks. */
  readonly since: readonly string[];
}

interface Attempt extends Given, ForwardReading {}

/** From a backup on, by the log behind it. */
export async function draftForward(deps: RollbackDeps, id: string, name: string, request: BesideRequest, signal?: AbortSignal): Promise<BesideDraft> {
  const { fleet, clock, forward } = deps;
  const { instanceId, gtid } = request;
  const { first } = await fromTransactionOn({ fleet, instanceId, name }, [gtid], signal);
  const session = await fleet.connect(instanceId, options(signal));
  try {
    const existing = await readExisting(session);
    const nameCase = await nameCaseOn(session);
    const given = (await forward.earlier(gtid, await executedOn(session))).map((backup) => {
      const asked = request.names ?? namesIn(backup, request, existing);
      return givenBy(backup, asked.map((one) => newNameInSpelling(one, withTablesOf(existing, backup), nameCase)), request.objects, existing);
    });
    const plan = (backup: ForwardBackup, names: readonly NewName[]): ReturnType<typeof forward.plan> =>
      forward.plan(backup.id, tablesOf({ id, instanceId, gtid, names }), id, signal);
    const { found, obstacles } = await firstThatLeads(given, plan);
    const names = found?.names ?? given[0]?.names ?? [];
    const preconditions = [
      ...(found === null ? [refused('backup:none', noneText(given))] : namePreconditions(names, existing)),
      ...obstacles.map(obstacleText), ...(found === null ? [] : [...sinceText(found), ...await keysWarning(session, names)]),
      ...(found !== null && obstacles.length === 0 ? [leads(found)] : []),
    ];
    const now = clock();
    return {
      request, basis: JSON.stringify([found?.backup.id, names, preconditions.filter(({ status }) => status !== 'pass').map((one) => [one.id, one.status])]),
      plan: {
        id, kind: 'rollback', createdAt: now, expiresAt: now + planLifeMs, instanceId, name, moment: first, names, way: 'forward',
        backup: found === null ? null : { id: found.backup.id, at: found.backup.at },
        transactions: found?.transactions ?? 0, changes: found?.changes ?? 0, preconditions, warnings: [], phrase: name,
        steps: stepsOf(id, name, gtid, found?.backup.id ?? '', names, await statementsBefore(session, names, existing)),
      },
    };
  } finally {
    session.destroy();
  }
}

/** What is run beside the making of the tables: rows enter by LOAD DATA LOCAL, which is allowed for as long as that takes. */
async function statementsBefore(session: Session, names: readonly NewName[], existing: Existing): Promise<readonly string[]> {
  const isOpen = ['1', 'ON'].includes(String(await globalVariable(session, 'local_infile')).toUpperCase());
  return [
    ...newDatabases(names, existing.databases).map(({ database }) => `CREATE DATABASE ${quoteId(database)}`),
    ...(isOpen ? [] : [true, false].map((on) => `SET GLOBAL local_infile = ${on ? 'ON' : 'OFF'}`)),
  ];
}

function stepsOf(
  id: string, server: string, gtid: string, backup: string, names: readonly NewName[], before: readonly string[],
): BesideDraft['plan']['steps'] {
  const count = names.length;
  return [
    { id: 'check', title: message('rollback.step.check', { backup, gtid }), pointOfNoReturn: false, undoable: true, sql: [] },
    {
      id: 'restore', title: message('rollback.step.restore', { count, backup, gtid }), pointOfNoReturn: false, undoable: true,
      sql: before.map((sql) => ({ server, sql })),
    },
    {
      id: 'name', title: message('rollback.step.name', { count }), pointOfNoReturn: true, undoable: false,
      sql: count === 0 ? [] : [{ server, sql: renameSql(id, names) }],
    },
  ];
}

/** Tables that are gone today are named as the backup has them. */
function withTablesOf(existing: Existing, { tables }: ForwardBackup): Existing {
  return { databases: [...existing.databases, ...tables.map(({ database }) => database)], tables: [...existing.tables, ...tables] };
}

/** Of a whole database what the backup holds of it. */
function namesIn(backup: ForwardBackup, { objects, suffix }: BesideRequest, existing: Existing): readonly NewName[] {
  const spelled = objects.map((one) => inServersSpelling(one, withTablesOf(existing, backup), 'any'));
  return [
    ...proposedNames(spelled.filter(({ table }) => table !== null), suffix, existing),
    ...proposedNames(spelled.filter(({ table }) => table === null), suffix, { databases: existing.databases, tables: backup.tables }),
  ];
}

function givenBy(backup: ForwardBackup, names: readonly NewName[], objects: readonly RollbackObject[], existing: Existing): Given {
  const holds = (database: string, table: string): boolean => backup.tables.some((one) => one.database === database && one.table === table);
  const isWhole = (database: string): boolean => objects.some((one) => one.table === null && one.database.toLowerCase() === database.toLowerCase());
  return {
    backup, names,
    lacks: names.filter(({ database, table }) => !holds(database, table)).map(({ database, table }) => `${database}.${table}`),
    since: existing.tables.filter(({ database, table }) => isWhole(database) && !holds(database, table)).map(({ database, table }) => `${database}.${table}`),
  };
}

/** The newest from which a log leads to the moment; else the first that was tried, with what stands in the way. */
async function firstThatLeads(
  given: readonly Given[], plan: (backup: ForwardBackup, names: readonly NewName[]) => Promise<ForwardReading>,
): Promise<{ readonly found: Attempt | null; readonly obstacles: readonly AppError[] }> {
  let first: Attempt | null = null;
  for (const one of given.filter(({ lacks, names }) => lacks.length === 0 && names.length > 0).slice(0, mostTried)) {
    const tried = { ...one, ...await plan(one.backup, one.names) };
    if (tried.obstacles.length === 0) return { found: tried, obstacles: [] };
    first ??= tried;
    // What stands in the log behind this one stands behind an older one too.
    if (tried.obstacles.some(isInTheLog)) break;
  }
  return { found: first, obstacles: first?.obstacles ?? [] };
}

const isInTheLog = ({ code, params }: AppError): boolean => code === 'restore-log-event' || (code === 'restore-log-gap' && params['state'] === 'purged');

function noneText(given: readonly Given[]): Message {
  const [newest] = given;
  if (newest === undefined) return message('rollback.forward.none');
  if (newest.names.length === 0) return message('rollback.names.none');
  return message('rollback.forward.lacks', { backup: newest.backup.id, tables: newest.lacks.slice(0, mostNamed).join(', ') });
}

const looked = 'COM_BINLOG_DUMP_GTID';

const refused = (id: string, measured: Message, remedy = message('rollback.forward.cure')): Precondition => ({
  id, title: message('rollback.precondition.backup'), status: 'fail', measured, remedy, sql: looked,
});

function obstacleText({ code, params }: AppError, at: number): Precondition {
  const cure = `errors.${code}.cure`;
  return refused(`backup:${String(at)}`, message(`errors.${code}`, params), isMessageKey(cure) ? message(cure, params) : message('rollback.forward.cure'));
}

function sinceText({ since, backup }: Attempt): readonly Precondition[] {
  if (since.length === 0) return [];
  return [{
    id: 'since', title: message('rollback.precondition.backup'), status: 'warn', sql: 'information_schema.TABLES', remedy: null,
    measured: message('rollback.forward.since', { backup: backup.id, tables: since.slice(0, mostNamed).join(', ') }),
  }];
}

const leads = ({ backup, transactions, changes }: Attempt): Precondition => ({
  id: 'backup', title: message('rollback.precondition.backup'), status: 'pass', remedy: null, sql: looked,
  measured: message('rollback.forward.leads', { backup: backup.id, transactions, changes }),
});
