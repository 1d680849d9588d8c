import type { Cure } from '../../../shared/domain/promotion/cure';
import { cureStanding, notAligned, type CureReading, type CureStanding, type SessionNow } from '../../../shared/domain/promotion/cure-plan';
import { errorOf } from '../../../shared/errors/codes';
import type { Statement } from '../../mysql/types';
import { readNoticed } from '../../mysql/status/noticed';
import { plain } from '../../mysql/statement';
import type { Server } from '../../replication/servers';
import { linkStatus } from '../../replication/status';
import { delayChange } from '../emergency/end-delay';
import { readLocks } from '../plan/blockers';

const SESSION =
  'SELECT ID AS id, USER AS user, HOST AS host, COMMAND AS command, STATE AS state, TIME AS seconds, LEFT(INFO, 2000) AS statement ' +
    'FROM information_schema.PROCESSLIST WHERE ID = ?';
/** What an idle session ran last stays here, with a number that grows with each of its statements. */
const LAST_STATEMENT =
  'SELECT t.THREAD_ID AS thread, c.EVENT_ID AS event, LEFT(c.SQL_TEXT, 2000) AS statement FROM performance_schema.threads t ' +
  'JOIN performance_schema.events_statements_current c ON c.THREAD_ID = t.THREAD_ID WHERE t.PROCESSLIST_ID = ? ORDER BY c.EVENT_ID LIMIT 1';
const LIVE = 'SHOW GLOBAL VARIABLES WHERE Variable_name = ?';
const PERSISTED = 'SELECT VARIABLE_VALUE AS Value FROM performance_schema.persisted_variables WHERE VARIABLE_NAME = ?';

/** An obstacle as it is now, and the statements that end it, in order. */
interface CureNow {
  readonly standing: CureStanding;
  readonly statements: readonly Statement[];
  /** What measured it. */
  readonly sql: string;
}

/** Reads the obstacle that a cure is for. Changes nothing. */
export async function readCure(server: Server, cure: Cure): Promise<CureNow> {
  const reading = await readObstacle(server, cure);
  return { standing: cureStanding(cure, reading), statements: await statementsOf(server, cure, reading), sql: await measuredBy(server, cure) };
}

async function measuredBy(server: Server, { kind }: Cure): Promise<string> {
  if (kind === 'end-session') return 'SELECT … FROM information_schema.PROCESSLIST';
  return kind === 'turn-off' || kind === 'align' ? 'SHOW GLOBAL VARIABLES' : (await server.dialect()).showReplicaStatus().sql;
}

async function readObstacle(server: Server, cure: Cure): Promise<CureReading> {
  switch (cure.kind) {
    case 'end-session':
      return { kind: 'end-session', session: await readSession(server, cure.connectionId) };
    case 'turn-off':
      return { kind: 'turn-off', ...(await readSetting(server, cure.variable)) };
    case 'align':
      return { kind: 'align', live: await readNoticed(await server.reader(), (await server.dialect()).version) };
    case 'end-delay':
    case 'start-thread': {
      const link = await linkStatus(await server.reader());
      return {
        kind: 'link',
        version: (await server.dialect()).version,
        link: link === null ? null : {
          channel: link.channel, receiver: link.receiver, applier: link.applierRuns ? 'running' : 'stopped',
          receiverError: link.receiverErrno === 0 ? '' : link.receiverError, applierError: link.applierErrno === 0 ? '' : link.applierError,
          delaySeconds: link.delaySeconds,
        },
      };
    }
    default:
      return cure satisfies never;
  }
}

interface ProcessRow {
  readonly id: number | string;
  readonly user: string;
  readonly host: string | null;
  readonly command: string;
  readonly state: string | null;
  readonly seconds: number | string | null;
  readonly statement: string | null;
}

async function readSession(server: Server, connectionId: number): Promise<SessionNow | null> {
  const [row] = await server.sql<ProcessRow>('control', SESSION, [connectionId]);
  if (row === undefined) return null;
  const last = await lastStatement(server, connectionId);
  const { user, host, command, state, seconds, statement } = row;
  return {
    connectionId, user, host: host ?? '', command, state: state ?? '', seconds: Number(seconds ?? 0), statement: statement ?? last?.statement ?? '',
    stamp: last === null ? '' : `${last.thread}/${last.event}`, holds: await lockOf(server, connectionId),
  };
}

/** null: none, or the server does not tell, or not this login. */
async function lockOf(server: Server, connectionId: number): Promise<SessionNow['holds']> {
  const kind = (await optional(readLocks(await server.reader()))).find((lock) => lock.connectionId === connectionId)?.kind;
  return kind === 'read-lock' || kind === 'backup-lock' ? kind : null;
}

interface LastStatement {
  readonly thread: number | string;
  readonly event: number | string;
  readonly statement: string | null;
}

/** null: performance_schema does not keep it, or not for this login. */
async function lastStatement(server: Server, connectionId: number): Promise<LastStatement | null> {
  return (await optional(server.sql<LastStatement>('control', LAST_STATEMENT, [connectionId])))[0] ?? null;
}

async function readSetting(server: Server, variable: string): Promise<{ readonly live: boolean; readonly persisted: boolean }> {
  const { features } = await server.dialect();
  const [live] = await server.sql<{ Value: string }>('control', LIVE, [variable]);
  const [kept] = features.hasSetPersist ? await optional(server.sql<{ Value: string }>('control', PERSISTED, [variable])) : [];
  return { live: isOn(live?.Value), persisted: isOn(kept?.Value) };
}

const isOn = (value: string | undefined): boolean => value === 'ON' || value === '1';

/** Rows that this login may not read, or that the server does not keep, are none. */
async function optional<Row>(rows: Promise<Row[]>): Promise<Row[]> {
  try {
    return await rows;
  } catch (thrown) {
    if (['privilege-missing', 'query-failed'].includes(errorOf(thrown).code)) return [];
    throw thrown;
  }
}

async function statementsOf(server: Server, cure: Cure, reading: CureReading): Promise<readonly Statement[]> {
  const dialect = await server.dialect();
  switch (cure.kind) {
    case 'end-session':
      return [plain(`KILL CONNECTION ${cure.connectionId}`)];
    case 'turn-off':
      return reading.kind !== 'turn-off' ? [] : [
        ...(reading.live ? [dialect.setGlobal(cure.variable, false)] : []),
        // What SET PERSIST keeps would be back with the next start.
        ...(reading.persisted ? [dialect.resetPersist(cure.variable)] : []),
      ];
    case 'align':
      return reading.kind !== 'align' ? [] : notAligned(cure.settings, reading.live).map(({ name, value }) => {
        const wanted = valueOf(value);
        return dialect.features.hasSetPersist ? dialect.setPersist(name, wanted) : dialect.setGlobal(name, wanted);
      });
    case 'end-delay':
      return reading.kind !== 'link' || reading.link === null ? [] : [
        ...(reading.link.receiver === 'stopped' ? [dialect.startReplica({ threads: 'receiver', channel: reading.link.channel })] : []),
        ...delayChange(dialect, 0, reading.link.channel),
      ];
    case 'start-thread':
      return reading.kind !== 'link' || reading.link === null ? [] : [dialect.startReplica({ threads: cure.thread, channel: reading.link.channel })];
    default:
      return cure satisfies never;
  }
}

/** As a statement writes it: a number is no text to a server, and some have 64 bits. */
function valueOf(text: string): string | bigint | boolean {
  if (/^(?:ON|OFF)$/iu.test(text)) return text.toUpperCase() === 'ON';
  return /^\d+$/u.test(text) ? BigInt(text) : text;
}
