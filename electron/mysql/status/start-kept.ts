// Whether a restart of a server would start its replication, as skip_replica_start is set.
import { startingOf, type StartSetting } from '../../../shared/domain/operations/read-only/restart';
import { flagOf, isRefusal, type Reading } from '../reading';
import type { Session } from '../types';

const KEEP_MS = 60_000;
const known = new WeakMap<Session, { readonly at: number; readonly isKept: boolean }>();

type Ask = (sql: string) => Promise<readonly Record<string, unknown>[]>;
/** Sources of a value that are read again at the next start. Manual: "Performance Schema variables_info Table". */
const optionSources = "'GLOBAL', 'SERVER', 'EXPLICIT', 'EXTRA', 'USER', 'LOGIN', 'COMMAND_LINE'";

/** skip_replica_start as it runs, is persisted, and is written in the option file. A login that may not read what is persisted knows of none. */
export async function startSetting({ dialect }: Pick<Session, 'dialect'>, ask: Ask): Promise<StartSetting> {
  if (!dialect.features.hasSkipReplicaStartVariable) return { isVariable: false, loads: false, running: false, persisted: null, fromOptions: false };
  const name = dialect.variableName('skip_replica_start');
  const [row] = await ask(`SELECT @@global.persisted_globals_load AS loads, @@global.${name} AS running`);
  const [set] = await told(ask, 'SELECT p.VARIABLE_VALUE AS persisted, i.VARIABLE_SOURCE IN (' + optionSources + ') AS fromOptions '
    + 'FROM performance_schema.variables_info i LEFT JOIN performance_schema.persisted_variables p ON p.VARIABLE_NAME = i.VARIABLE_NAME '
    + `WHERE i.VARIABLE_NAME = '${name}'`);
  const persisted = flagOf(set?.['persisted']);
  return {
    isVariable: true, loads: flagOf(row?.['loads']) === true, running: flagOf(row?.['running']) === true,
    persisted: persisted === null ? null : persisted ? 'ON' : 'OFF', fromOptions: flagOf(set?.['fromOptions']) === true,
  };
}

async function told(ask: Ask, sql: string): Promise<readonly Record<string, unknown>[]> {
  try {
    return await ask(sql);
  } catch (thrown) {
    if (isRefusal(thrown)) return [];
    throw thrown;
  }
}

/**
 * Whether a restart leaves replication stopped, for readings that come again and again: of a link that runs asked anew once a minute for each
 * session, of one that stands each time, as it may be all that keeps it standing. Undefined: not told.
 */
export async function startKept(reading: Reading, runs: boolean): Promise<boolean | undefined> {
  const { session } = reading;
  if (!session.dialect.features.hasSkipReplicaStartVariable) return undefined;
  const last = known.get(session);
  if (runs && last !== undefined && performance.now() - last.at < KEEP_MS) return last.isKept;
  try {
    const isKept = startingOf(await startSetting(session, (sql) => reading.rows(sql))) === 'kept';
    known.set(session, { at: performance.now(), isKept });
    return isKept;
  } catch (thrown) {
    reading.refused('startKept', thrown);
    return undefined;
  }
}
