import type { NoticedSettings } from '../../../shared/domain/fleet/facts';
import { charactersNoticed, groupName, noticedAfterSwitch } from '../../../shared/domain/operations/parameters/noticed';
import { textOf, type Reading } from '../reading';
import type { Session } from '../types';

const KEEP_MS = 60_000;
const known = new WeakMap<Session, { readonly at: number; readonly settings: NoticedSettings }>();

interface Row {
  readonly Variable_name: unknown;
  readonly Value: unknown;
}

const settingsOf = (rows: readonly Row[]): NoticedSettings =>
  Object.fromEntries(rows.map((row) => [(textOf(row.Variable_name) ?? '').toLowerCase(), textOf(row.Value) ?? '']));

const names = [...noticedAfterSwitch, ...charactersNoticed, groupName].map((name) => `'${name}'`).join(', ');
/** What clients notice after a switch, and what others waited for or belonged to; a name that the server does not know gives no row. */
const NOTICED = `SHOW GLOBAL VARIABLES WHERE Variable_name IN (${names}) OR Variable_name LIKE 'rpl\\_semi\\_sync\\_%\\_enabled'`;

/** The settings of which clients notice after a switch, as they are now. */
export async function readNoticed(session: Pick<Session, 'query'>): Promise<NoticedSettings> {
  return settingsOf(await session.query<Row & Record<string, unknown>>(NOTICED));
}

/** The same for readings that come again and again: asked anew once a minute for each session. Undefined: the server would not tell. */
export async function keptNoticed(reading: Reading): Promise<NoticedSettings | undefined> {
  const last = known.get(reading.session);
  if (last !== undefined && performance.now() - last.at < KEEP_MS) return last.settings;
  const rows = await reading.tryRows<Row & Record<string, unknown>>('noticed', NOTICED);
  if (rows === null) return undefined;
  const settings = settingsOf(rows);
  known.set(reading.session, { at: performance.now(), settings });
  return settings;
}
