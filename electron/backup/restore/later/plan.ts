// What the log adds to a backup, read beforehand: nothing is restored where any of it cannot be made again.
import type { RestoreOrder, RestorePlan } from '../../../../shared/domain/backup/backup';
import { keysAround, type Definition } from '../../../../shared/domain/backup/later';
import type { RestoreMoment } from '../../../../shared/domain/backup/moment';
import { atLeast, parseServerVersion } from '../../../../shared/domain/fleet/version';
import { parseGtidSet, type GtidSet } from '../../../../shared/domain/gtid/set';
import { Failure, failure, type AppError } from '../../../../shared/errors/codes';
import { isMakeable } from '../../../comparison/logged/sql';
import type { FleetServers } from '../../../fleet/types';
import { keepsOffset, zoneOf } from '../../../copy/rows/clock';
import { dependsOnZone } from '../../../copy/rows/zone';
import { maxPacketOf } from '../../../mysql/max-packet';
import type { LiveSession } from '../../../mysql/session/session';
import { chosenTables, type RestoreChoice } from '../choice';
import { tableKey } from '../table-names';
import { definitionsIn, type OpenBackup } from '../open';
import { withFolder } from './folder';
import { keysActed } from './keys';
import { LaterLog, type FoundObstacle, type LaterChoice, type LaterReading } from './log';
import { LoopTurn } from '../../../mysql/loop-turn';
import { statementBytes } from './packet';
import { rangeTo, signalled, type LogServers } from './range';

export interface LaterParts {
  readonly fleet: LogServers & Pick<FleetServers, 'view'>;
  readonly dataFolder: string;
}

/** Obstacles that are told. */
const mostTold = 10;

/** What the log adds, and why it cannot; the range, by which it is carried out. */
interface LaterPlan {
  readonly later: RestorePlan['later'];
  readonly range: GtidSet;
  readonly obstacles: readonly AppError[];
}

const nothing = (obstacles: readonly AppError[]): LaterPlan => ({ later: null, range: parseGtidSet(''), obstacles });

/** Reads the log from the backup to the moment; `id`: of whatever asks, for the folder of what is read. */
export async function planLater(
  parts: LaterParts, backup: OpenBackup, order: RestoreOrder, choice: RestoreChoice, id: string, signal?: AbortSignal,
): Promise<LaterPlan> {
  const { until } = order;
  if (until === undefined || until === null) return nothing([]);
  const refused = (reason: string): LaterPlan => nothing([failure('invalid-input', { field: 'until', reason }).error]);
  if (order.asStandby) return refused('asStandby');
  // What is refused of the log in the end must not have cost anybody what was dropped before.
  if (order.replace) return refused('replace');
  const { fleet } = parts;
  try {
    const range = await rangeTo(fleet, until, parseGtidSet(backup.manifest.gtidSet), signal);
    return await withLog(parts, until, id, async (reading) => {
      const log = await LaterLog.read(reading, laterChoice(backup, choice, range), signal);
      try {
        const { name } = fleet.instance(until.instanceId);
        const { referring, packet } = await askTarget(fleet, order.targetId, backup, choice, signal);
        // What was written in the log's server was computed in its zone: in one offset, that of the backup, or it is not known in which.
        const { session } = reading;
        const isOneOffset = (await zoneOf(session)) === backup.manifest.zone && await keepsOffset(session);
        const facts = { packet, makesTimestamps: makesTimestamps(fleet, order.targetId), isOneOffset };
        const found = [...await obstaclesIn(log, backup, choice, facts), ...referring];
        return {
          range, later: { transactions: Number(range.count()), changes: log.count },
          obstacles: found.slice(0, mostTold).map(({ why, what }) => failure('restore-log-event', { name, why, what }, { server: name }).error),
        };
      } finally {
        log.close();
      }
    }, signal);
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.error.code !== 'cancelled') return nothing([thrown.error]);
    throw thrown;
  }
}

export function laterChoice({ manifest }: OpenBackup, { scope }: RestoreChoice, range: GtidSet): LaterChoice {
  return { range, scope, databases: manifest.databases, tables: manifest.tables.map(({ database, table }) => ({ database, table })) };
}

/** Sessions of the log's server and a folder, both gone afterwards. */
async function withLog<Result>(
  { fleet, dataFolder }: LaterParts, { instanceId }: RestoreMoment, id: string, use: (reading: LaterReading) => Promise<Result>, signal?: AbortSignal,
): Promise<Result> {
  const sessions: LiveSession[] = [];
  const connect = async (): Promise<LiveSession> => {
    const session = await fleet.connect(instanceId, signalled(signal));
    sessions.push(session);
    return session;
  };
  try {
    return await withFolder(dataFolder, id, async (folder) => use({ folder, session: await connect(), dump: await connect() }));
  } finally {
    for (const session of sessions) session.destroy();
  }
}

function makesTimestamps(fleet: Pick<FleetServers, 'view'>, targetId: string): boolean {
  const facts = fleet.view(targetId).facts;
  return facts !== null && atLeast(parseServerVersion(facts.server.version), 8, 0, 4);
}

/** All that keeps the changes from being made again on what the backup holds. */
async function obstaclesIn(
  log: LaterLog, backup: OpenBackup, choice: RestoreChoice,
  target: { readonly packet: number; readonly makesTimestamps: boolean; readonly isOneOffset: boolean },
): Promise<readonly FoundObstacle[]> {
  const tables = new Map(chosenTables(backup.manifest, choice).map((table) => [tableKey(table.of), table]));
  const { acting, outside } = keysAround(await definitionsOf(backup, tables));
  const found = new Map<string, FoundObstacle>();
  const refuse = (why: FoundObstacle['why'], what: string): void => void found.set(`${why} ${what}`, { why, what });
  for (const { why, what } of log.found) if (why !== 'unchecked' || acting.has(what)) refuse(why, what);
  for (const [parent, { isRestored, child }] of acting) if (!isRestored) refuse('parent', `${child} → ${parent}`);
  for (const table of tables.values()) {
    const name = `${table.of.database}.${table.of.table}`;
    // It stands for rows of others, on this server or elsewhere: a copy of it would write into those.
    if (choice.beside !== undefined && !table.holdsRows) refuse('unheld', name);
    // Its rows are compared as they come from the backup, too.
    if (choice.beside !== undefined && !target.isOneOffset && dependsOnZone(table)) refuse('zone', name);
  }
  const longest = new Map<string, number>();
  const turn = new LoopTurn();
  for (const change of log.changes()) {
    if (turn.isOver) await turn.next();
    const { database, table } = log.tableOf(change);
    const name = `${database}.${table}`;
    const chosen = tables.get(tableKey({ database, table }));
    if (chosen?.holdsRows !== true) refuse('unheld', name);
    else if (!target.isOneOffset && dependsOnZone(chosen)) refuse('zone', name);
    const parent = change.kind === 'update' ? outside.get(name) : undefined;
    // A server that carries it on looks for the parents of rows whose keys change: such a one may not be there.
    if (parent !== undefined && keysActed(acting.get(name) ?? null, change, log.tableOf(change))) refuse('parent', parent);
    const cells = [...change.before ?? [], ...change.after ?? []];
    if (cells.includes(0) || change.documents !== undefined) refuse('partial', name);
    if (cells.some((cell) => cell !== 0 && !isMakeable(target, cell))) refuse('document', name);
    longest.set(name, Math.max(longest.get(name) ?? 0, statementBytes(change, log.tableOf(change))));
  }
  for (const [name, bytes] of longest) if (bytes >= target.packet) refuse('packet', `${name}: ${bytes} ≥ ${target.packet}`);
  return [...found.values()];
}

/**
 * Tables of the target that are not restored and refer to what is: a change that is followed would go on in their rows of today. And how long a
 * statement may be there.
 */
async function askTarget(
  fleet: LogServers, targetId: string, backup: OpenBackup, choice: RestoreChoice, signal?: AbortSignal,
): Promise<{ readonly referring: readonly FoundObstacle[]; readonly packet: number }> {
  const made = new Set(chosenTables(backup.manifest, choice).map(({ database, table }) => nameOf(database, table)));
  const { rows, packet } = await fleet.withSession(targetId, async (session) => ({
    packet: await maxPacketOf(session),
    rows: await session.query<Record<'db' | 'tab' | 'parentDb' | 'parentTab', string>>(
      `SELECT DISTINCT TABLE_SCHEMA AS db, TABLE_NAME AS tab, REFERENCED_TABLE_SCHEMA AS parentDb, REFERENCED_TABLE_NAME AS parentTab
       FROM information_schema.KEY_COLUMN_USAGE WHERE REFERENCED_TABLE_NAME IS NOT NULL`,
    ),
  }), signalled(signal));
  const referring = rows.flatMap(({ db, tab, parentDb, parentTab }): FoundObstacle[] =>
    (made.has(nameOf(parentDb, parentTab)) && !made.has(nameOf(db, tab)) ? [{ why: 'parent', what: `${db}.${tab} → ${parentDb}.${parentTab}` }] : []));
  return { referring, packet };
}

/** Servers may keep names in small letters: a table too many is refused rather than one too few. */
const nameOf = (database: string, table: string): string => JSON.stringify([database.toLowerCase(), table.toLowerCase()]);

/** The definitions of chosen tables, by the names of the backup. */
async function definitionsOf(backup: OpenBackup, tables: ReadonlyMap<string, unknown>): Promise<readonly Definition[]> {
  return (await definitionsIn(backup, 'schema.sql')).flatMap(({ object: { kind, database, name }, statements }) =>
    (kind === 'TABLE' && tables.has(tableKey({ database, table: name })) ? [{ database, table: name, text: statements.at(-1)?.toString('utf8') ?? '' }] : []));
}
