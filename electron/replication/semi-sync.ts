import * as v from 'valibot';
import { atLeast, type ServerVersion } from '../../shared/domain/fleet/version';
import type { AnsweringSide, SemiSync, Setting, WaitingSide } from '../../shared/domain/promotion/semi-sync';
import { flagOf, numberOf, textOf } from '../mysql/reading';
import type { StatusServer } from '../mysql/status/replica-status';
import type { LastingChange } from '../mysql/dialect/variables';
import type { Dialect } from '../mysql/dialect/dialect';

type Named = Readonly<Record<string, unknown>>;
const SEMI_SYNC = "LIKE 'rpl\\_semi\\_sync\\_%'";
/** Which sides a server has: the variables of a plugin are there while it is. */
export const SEMI_SYNC_PLUGINS = `SELECT PLUGIN_NAME AS name FROM information_schema.PLUGINS WHERE PLUGIN_STATUS = 'ACTIVE' AND PLUGIN_NAME ${SEMI_SYNC}`;
const SEMI_SYNC_STATUS = `SHOW GLOBAL STATUS ${SEMI_SYNC}`;

/**
 * Semi-synchronous replication of a server, both sides. Manual: "Semisynchronous Replication Installation and Configuration". The plugins of
 * 8.0.26 have new names for everything; a server has either the old or the new ones.
 */
export async function readSemiSync(server: StatusServer): Promise<SemiSync> {
  const variables = await readVariables(server);
  if (Object.keys(variables).length === 0) return { source: null, replica: null };
  const status = await named(server, SEMI_SYNC_STATUS);
  return { source: waitingSide(variables, status), replica: answeringSide(variables) };
}

/** By name, and not by SHOW GLOBAL VARIABLES: see `standingCommitsOf`. */
async function readVariables(server: StatusServer): Promise<Named> {
  const plugins = await server.query<{ name: string }>(SEMI_SYNC_PLUGINS);
  const names = plugins.flatMap(({ name }) => variablesOf(name.toLowerCase(), server.dialect.version));
  if (names.length === 0) return {};
  const [row] = await server.query<Named>(`SELECT ${names.map((name) => `@@GLOBAL.${name} AS ${name}`).join(', ')}`);
  return row ?? {};
}

/** The variables of one plugin that are read here. wait_point came with 5.7.2, the number of replicas to wait for with 5.7.3. */
function variablesOf(plugin: string, version: ServerVersion): readonly string[] {
  switch (plugin) {
    case 'rpl_semi_sync_source':
    case 'rpl_semi_sync_master': {
      const replica = plugin === 'rpl_semi_sync_source' ? 'replica' : 'slave';
      const newer = atLeast(version, 5, 7, 3) ? ['wait_point', `wait_for_${replica}_count`] : [];
      return ['enabled', 'timeout', `wait_no_${replica}`, ...newer].map((name) => `${plugin}_${name}`);
    }
    case 'rpl_semi_sync_replica':
    case 'rpl_semi_sync_slave':
      return [`${plugin}_enabled`];
    default:
      return [];
  }
}

async function named(server: StatusServer, sql: string): Promise<Named> {
  const rows = await server.query<{ Variable_name: string; Value: unknown }>(sql);
  return Object.fromEntries(rows.map(({ Variable_name: name, Value }) => [name.toLowerCase(), Value]));
}

function waitingSide(variables: Named, status: Named): WaitingSide | null {
  const word = (['source', 'master'] as const).find((one) => variables[`rpl_semi_sync_${one}_enabled`] !== undefined);
  if (word === undefined) return null;
  const [replica, prefix] = [word === 'source' ? 'replica' : 'slave', `rpl_semi_sync_${word}_`];
  const on = (value: unknown): boolean => flagOf(value) === true;
  return {
    word,
    enabled: on(variables[`${prefix}enabled`]),
    timeoutMs: numberOf(variables[`${prefix}timeout`]) ?? 0,
    replicas: numberOf(variables[`${prefix}wait_for_${replica}_count`]),
    waitPoint: textOf(variables[`${prefix}wait_point`]),
    waitsWithoutReplica: on(variables[`${prefix}wait_no_${replica}`]),
    active: on(status[`${prefix}status`]),
    clients: numberOf(status[`${prefix}clients`]) ?? 0,
    waiting: numberOf(status[`${prefix}wait_sessions`]) ?? 0,
  };
}

function answeringSide(variables: Named): AnsweringSide | null {
  const word = (['replica', 'slave'] as const).find((one) => variables[`rpl_semi_sync_${one}_enabled`] !== undefined);
  return word === undefined ? null : { word, enabled: flagOf(variables[`rpl_semi_sync_${word}_enabled`]) === true };
}

/** Settings that outlive a restart, and what my.cnf needs for that before 8.0. */
export function lastingSettings(dialect: Dialect, settings: readonly Setting[]): LastingChange {
  const changes = settings.map(([name, value]) => dialect.setLasting(name, value));
  return { statements: changes.flatMap(({ statements }) => statements), configLines: changes.flatMap(({ configLines }) => configLines) };
}

/** Both sides as a task keeps them. */
export const keptSemiSync: v.GenericSchema<unknown, SemiSync> = v.object({
  source: v.nullable(v.object({
    word: v.picklist(['source', 'master']), enabled: v.boolean(), timeoutMs: v.number(), replicas: v.nullable(v.number()), waitPoint: v.nullable(v.string()),
    waitsWithoutReplica: v.boolean(), active: v.boolean(), clients: v.number(), waiting: v.number(),
  })),
  replica: v.nullable(v.object({ word: v.picklist(['replica', 'slave']), enabled: v.boolean() })),
});
