import type { NoticedSettings } from '../../../shared/domain/fleet/facts';
import { atLeast } from '../../../shared/domain/fleet/version';
import { charactersNoticed, groupName, noticedAfterSwitch } from '../../../shared/domain/operations/parameters/noticed';
import { textOf, type Reading } from '../reading';
import type { Session } from '../types';

const KEEP_MS = 60_000;
const known = new WeakMap<Session, { readonly at: number; readonly settings: NoticedSettings }>();

type Ask = (sql: string) => Promise<readonly Record<string, unknown>[]>;

/** What came with 5.7 only. */
const since57: ReadonlySet<string> = new Set(['require_secure_transport', 'default_password_lifetime', 'offline_mode']);
const flags: ReadonlySet<string> = new Set([
  'explicit_defaults_for_timestamp', 'log_bin_trust_function_creators', 'require_secure_transport', 'offline_mode',
]);
/** Variables of plugins are there while their plugin is. */
const PLUGINS =
  "SELECT PLUGIN_NAME AS name FROM information_schema.PLUGINS WHERE PLUGIN_STATUS = 'ACTIVE' " +
  "AND (PLUGIN_NAME LIKE 'rpl\\_semi\\_sync\\_%' OR PLUGIN_NAME = 'group_replication')";

const variableOfPlugin = (plugin: string): string => (plugin === 'group_replication' ? groupName : `${plugin.toLowerCase()}_enabled`);
const isPlugin = (name: string): boolean => /^(rpl_semi_sync_(master|slave|source|replica)|group_replication)$/i.test(name);
const isFlag = (name: string): boolean => flags.has(name) || name.endsWith('_enabled');

/** As SHOW VARIABLES writes it. */
function shown(name: string, value: unknown): string {
  const text = textOf(value) ?? '';
  return isFlag(name) ? (text === '1' ? 'ON' : text === '0' ? 'OFF' : text) : text;
}

/**
 * The variables are named one by one: SHOW GLOBAL VARIABLES goes through all that there are, whatever its WHERE says, and 5.7 (seen with
 * 5.7.44) hangs in it while a commit that waits for its disk holds the binary log.
 */
async function settingsOf(version: Session['version'], ask: Ask): Promise<NoticedSettings> {
  const plugins = (await ask(PLUGINS)).map((row) => textOf(row['name']) ?? '').filter(isPlugin);
  const names = [...noticedAfterSwitch, ...charactersNoticed].filter((name) => atLeast(version, 5, 7, 8) || !since57.has(name));
  const all = [...names, ...plugins.map(variableOfPlugin)];
  const [row] = await ask(`SELECT ${all.map((name) => `@@global.${name} AS ${name}`).join(', ')}`);
  return Object.fromEntries(all.map((name) => [name, shown(name, row?.[name])]));
}

/** The settings of which clients notice after a switch, and what others waited for or belonged to, as they are now. */
export function readNoticed(session: Pick<Session, 'query'>, version: Session['version']): Promise<NoticedSettings> {
  return settingsOf(version, (sql) => session.query(sql));
}

/** The same for readings that come again and again: asked anew once a minute for each session. Undefined: the server would not tell. */
export async function keptNoticed(reading: Reading): Promise<NoticedSettings | undefined> {
  const last = known.get(reading.session);
  if (last !== undefined && performance.now() - last.at < KEEP_MS) return last.settings;
  try {
    const settings = await settingsOf(reading.session.version, (sql) => reading.rows(sql));
    known.set(reading.session, { at: performance.now(), settings });
    return settings;
  } catch (thrown) {
    reading.refused('noticed', thrown);
    return undefined;
  }
}
