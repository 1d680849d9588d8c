import { accountsPastReadOnly } from '../mysql/status/past-read-only';
import {
  CLONE_LIBRARY, type AccountReading, type BinlogReading, type ClockReading, type GtidPair, type LibraryReading, type PluginReading, type Purpose,
  type ServerReading, type TlsReading, type ZoneReading,
} from '../../shared/domain/checks';
import { parseGtidSet } from '../../shared/domain/gtid/set';
import { atLeast } from '../../shared/domain/fleet/version';
import { readClockOf, zoneOf } from '../copy/rows/clock';
import { hasErrno } from '../mysql/errors';
import type { Session } from '../mysql/types';
import { pairs, read, text, type Row } from './rows';
import type { Side } from './sides';

const purposes: readonly Purpose[] = [
  'watch-replication', 'watch-sessions', 'control-replication', 'set-variables', 'kill-sessions', 'flush-and-reset', 'backup', 'clone', 'copy-out',
  'set-definer', 'create-accounts', 'change-accounts',
];
const clockSamples = 5;

export async function readServer(session: Session): Promise<ServerReading> {
  const variables = pairs(await read(session, 'SHOW GLOBAL VARIABLES'));
  const status = pairs(await read(session, "SHOW GLOBAL STATUS WHERE Variable_name = 'Ongoing_anonymous_transaction_count'"));
  const [account] = await read(session, 'SELECT CURRENT_USER() AS account');
  const processors = await readProcessors(session);
  const rights = Object.fromEntries(purposes.map((purpose) => [purpose, session.dialect.privilegesFor(purpose)])) as Record<Purpose, readonly string[]>;
  return { version: session.version, account: text(account, 'account'), processors, variables, status, rights };
}

/** The processors of the default group of user threads. No row where the login may not see the groups, or there are none. */
async function readProcessors(session: Session): Promise<number | null> {
  if (!atLeast(session.version, 8, 0, 3)) return null;
  const [row] = await read(session, "SELECT VCPU_IDS AS ids FROM information_schema.RESOURCE_GROUPS WHERE RESOURCE_GROUP_NAME = 'USR_default'");
  return processorsIn(text(row, 'ids'));
}

/** `0-3,8` is five; null: nothing is said. */
export function processorsIn(ids: string): number | null {
  const ranges = [...ids.matchAll(/(\d+)(?:-(\d+))?/g)].map(([, first, last]) => Number(last ?? first) - Number(first) + 1);
  return ranges.length === 0 ? null : ranges.reduce((sum, count) => sum + count, 0);
}

/** SYSDATE, not NOW: the clock at the moment it is asked, mid-statement. */
export async function readClock(session: Session): Promise<ClockReading> {
  const samples: { readonly roundTripMs: number; readonly offsetMs: number }[] = [];
  for (let i = 0; i < clockSamples; i++) {
    const sent = performance.now();
    const [row] = await read(session, 'SELECT UNIX_TIMESTAMP(SYSDATE(6)) AS now');
    const answered = performance.now();
    const here = performance.timeOrigin + (sent + answered) / 2;
    samples.push({ roundTripMs: answered - sent, offsetMs: Number(text(row, 'now')) * 1000 - here });
  }
  const best = samples.reduce((a, b) => (b.roundTripMs < a.roundTripMs ? b : a));
  return { roundTripsMs: samples.map(({ roundTripMs }) => roundTripMs), offsetMs: best.offsetMs, uncertaintyMs: best.roundTripMs / 2 };
}

export async function readZone(session: Session): Promise<ZoneReading | null> {
  const clock = await readClockOf(session);
  return clock === null ? null : { ...clock, now: await zoneOf(session) };
}

export async function readTls(session: Session): Promise<TlsReading> {
  const status = pairs(await read(session, "SHOW STATUS WHERE Variable_name = 'Ssl_server_not_after'"));
  const variables = pairs(await read(session, "SHOW GLOBAL VARIABLES WHERE Variable_name = 'have_ssl'"));
  const until = status['ssl_server_not_after'] ?? '';
  const parsed = Date.parse(until);
  return {
    offered: session.tls !== null || until !== '' || variables['have_ssl'] === 'YES',
    expiresAt: Number.isNaN(parsed) ? null : parsed,
    readAt: Date.now(),
  };
}

/** No row where log_bin is off. */
export async function readBinlog(session: Session): Promise<BinlogReading | null> {
  const [row] = await session.query<Row>(session.dialect.showBinaryLogStatus());
  return row === undefined ? null : { doDb: text(row, 'Binlog_Do_DB'), ignoreDb: text(row, 'Binlog_Ignore_DB') };
}

const gtidSql = 'SELECT @@GLOBAL.gtid_executed AS executed, @@GLOBAL.gtid_purged AS purged, @@GLOBAL.server_uuid AS uuid';

/** The standby first, the source second; where the standby has more, the source is asked once again. */
export async function readGtids(source: Side, standby: Side): Promise<GtidPair> {
  const ask = (side: Side): Promise<Record<'executed' | 'purged' | 'uuid', string>> =>
    side.use('quick', async (session) => {
      const [row] = await read(session, gtidSql);
      return { executed: text(row, 'executed'), purged: text(row, 'purged'), uuid: text(row, 'uuid') };
    });
  const there = await ask(standby);
  let here = await ask(source);
  if (!parseGtidSet(there.executed).isSubsetOf(parseGtidSet(here.executed))) here = await ask(source);
  return {
    standbyExecuted: there.executed, standbyUuid: there.uuid,
    sourceExecuted: here.executed, sourcePurged: here.purged, sourceUuid: here.uuid,
  };
}

export async function readAccounts(session: Session): Promise<readonly AccountReading[]> {
  const locked = atLeast(session.version, 5, 7, 6) ? 'account_locked' : "'N'";
  const rows = await read(session, `SELECT User AS user, Host AS host, plugin AS plugin, ${locked} AS locked, Repl_slave_priv AS slave FROM mysql.user`);
  const past = await read(session, accountsPastReadOnly(session.dialect));
  return rows.map((row) => ({
    user: text(row, 'user'),
    host: text(row, 'host'),
    // Before 5.7 an empty name means the built-in plugin.
    plugin: text(row, 'plugin') === '' ? 'mysql_native_password' : text(row, 'plugin'),
    locked: text(row, 'locked') === 'Y',
    replicationSlave: text(row, 'slave') === 'Y',
    pastReadOnly: past.filter((one) => text(one, 'user') === text(row, 'user') && text(one, 'host') === text(row, 'host')).map((one) => text(one, 'privilege')),
  }));
}

export async function readPlugins(session: Session): Promise<readonly PluginReading[]> {
  const rows = await read(session, "SELECT PLUGIN_NAME AS name, PLUGIN_TYPE AS type FROM information_schema.PLUGINS WHERE PLUGIN_STATUS = 'ACTIVE'");
  const plugins = rows.map((row) => ({ name: text(row, 'name').toLowerCase(), type: text(row, 'type').toUpperCase() }));
  if (!atLeast(session.version, 8, 0, 24)) return plugins;
  const keyring = await read(session, "SELECT STATUS_VALUE AS value FROM performance_schema.keyring_component_status WHERE STATUS_KEY = 'Component_status'");
  return keyring.some((row) => text(row, 'value') === 'Active') ? [...plugins, { name: 'keyring_component', type: 'KEYRING' }] : plugins;
}

/** ER_CANT_FIND_DL_ENTRY: the library was opened, and has no such function. ER_CANT_OPEN_LIBRARY. */
const [noSuchFunction, noSuchLibrary] = [1127, 1126];

/**
 * Asks for a function that the library has not: the refusal tells whether the server has the file, and nothing comes of it. A list of
 * what can be loaded there is none.
 */
export async function readCloneLibrary(session: Session): Promise<LibraryReading> {
  if (!session.dialect.features.hasClone) return 'missing';
  try {
    await session.run(`CREATE FUNCTION antipode_probe RETURNS INTEGER SONAME '${CLONE_LIBRARY}'`);
  } catch (thrown) {
    if (hasErrno(thrown, noSuchFunction)) return 'there';
    return hasErrno(thrown, noSuchLibrary) ? 'missing' : 'unseen';
  }
  return 'unseen';
}
