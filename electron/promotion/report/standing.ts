import { curableVariables } from '../../../shared/domain/promotion/cure';
import { sessionText } from '../../../shared/domain/promotion/opening';
import { standingOf, type ServerReading, type Standing } from '../../../shared/domain/promotion/standing';
import type { Holder } from '../../../shared/domain/tasks/task';
import { standingCommits } from '../../mysql/status/commit-stalls';
import type { Session } from '../../mysql/types';
import { readLocks } from '../plan/blockers';
import type { FleetServers } from '../../fleet/types';
import { replicaStatus, runs } from '../../replication/status';
import { lockHolders } from '../../tasks/server-lock';

const READ_LIMIT_MS = 4000;
const HINDERING = `SHOW GLOBAL VARIABLES WHERE Value = 'ON' AND Variable_name IN (${curableVariables.map((name) => `'${name}'`).join(', ')})`;

/** What a promotion's two servers are called. */
interface Names {
  readonly source: string;
  readonly standby: string;
}

/** Reads where an old primary and its standby stand now, both at once, each under a limit of its own. null: not registered. */
export async function readStanding(
  fleet: FleetServers, sourceId: string | null, standbyId: string,
): Promise<{ readonly standing: Standing; readonly standby: ServerReading }> {
  const [source, standby] = await Promise.all([sourceId === null ? null : read(fleet, sourceId, readServer), read(fleet, standbyId, readServer)]);
  return { standing: standingOf(source, standby), standby };
}

/** Who and what holds the two: locks of sessions, settings that keep writes out, and other operations at work there. `now`: ms since the epoch. */
export async function readHolders(fleet: FleetServers, sourceId: string | null, standbyId: string, names: Names, now: number): Promise<readonly Holder[]> {
  const of = async (id: string | null, name: string): Promise<readonly Holder[]> =>
    (id === null ? null : await read(fleet, id, (session) => holdersOn(session, name, now))) ?? [];
  return (await Promise.all([of(sourceId, names.source), of(standbyId, names.standby)])).flat();
}

async function read<Result>(fleet: FleetServers, instanceId: string, work: (session: Session) => Promise<Result>): Promise<Result | null> {
  try {
    return await fleet.withSession(instanceId, work, { timeoutMs: READ_LIMIT_MS, queryTimeoutMs: READ_LIMIT_MS });
  } catch {
    // Whatever keeps it from answering: for the judgement it is away, and the text says so.
    return null;
  }
}

async function readServer(session: Session): Promise<ServerReading> {
  const [row] = await session.query<{ ro: number | string; executed: string }>('SELECT @@GLOBAL.read_only AS ro, @@GLOBAL.gtid_executed AS executed');
  const standing = await standingCommits((sql) => session.query(sql));
  const hindering = await settingsOn(session, standing.length > 0);
  const locks = (await readLocks(session)).filter(({ kind }) => kind === 'read-lock');
  const links = await replicaStatus(session);
  return {
    readOnly: Number(row?.ro) === 1,
    hindering: [
      ...hindering, ...locks.map((lock) => `FLUSH TABLES WITH READ LOCK (${sessionText(lock)})`),
      ...standing.map((row) => `COMMIT … (${sessionText({ ...row, connectionId: row.id })})`),
    ],
    executed: row?.executed ?? '',
    link: links.length === 0 ? null : links.every(runs) ? 'running' : 'stopped',
  };
}

/** None is asked for where commits stand still: those alone keep writes out, and the question would hang (`standingCommitsOf`). */
async function settingsOn(session: Session, commitsStand: boolean): Promise<readonly string[]> {
  if (commitsStand) return [];
  return (await session.query<{ Variable_name: string }>(HINDERING)).map(({ Variable_name: name }) => `${name} = ON`);
}

async function holdersOn(session: Session, server: string, now: number): Promise<readonly Holder[]> {
  const settings = await settingsOn(session, (await standingCommits((sql) => session.query(sql))).length > 0);
  const locks = await readLocks(session);
  const operators = await lockHolders(session, now);
  return [
    ...settings.map((statement): Holder => ({ server, kind: 'setting', session: null, user: '', host: '', statement, since: null })),
    ...locks.flatMap(({ kind, connectionId, user, host, seconds, statement }): Holder[] =>
      kind !== 'read-lock' && kind !== 'backup-lock' && kind !== 'table-lock'
        ? []
        : [{ server, kind, user, host, statement, ...sinceOf(connectionId, now - seconds * 1000) }]),
    ...operators.filter(({ powerless }) => powerless !== true).map(({ connectionId, who, from, since, purpose }): Holder => ({
      server, kind: 'operator', session: connectionId, user: who, host: from, statement: purpose === null ? '' : `${purpose.kind} ${purpose.name}`, since,
    })),
  ];
}

/** Connection 0: the server does not tell whose a lock is. */
const sinceOf = (connectionId: number, since: number): Pick<Holder, 'session' | 'since'> =>
  (connectionId === 0 ? { session: null, since: null } : { session: connectionId, since });
