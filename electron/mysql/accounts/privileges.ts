import { parseGrants, type Grant } from '../../../shared/domain/accounts/grants';
import { textOf, type Reading } from '../reading';
import type { Session } from '../types';

const known = new WeakMap<Session, { readonly at: number; readonly grants: readonly Grant[] }>();
const KEEP_MS = 60_000;

type Query = (sql: string) => Promise<Record<string, unknown>[]>;

/** What the login of a session may do, by its active roles too: SHOW GRANTS counts them for oneself. `query`: under limits of one's own. */
export async function readGrants(session: Session, query: Query = (sql) => session.query(sql)): Promise<readonly Grant[]> {
  const lines = (await query('SHOW GRANTS')).map((row) => textOf(Object.values(row)[0]) ?? '');
  const [revokes] = session.dialect.features.hasPartialRevokes ? await query('SELECT @@GLOBAL.partial_revokes AS isOn') : [];
  return parsedOnce(lines, Number(revokes?.['isOn'] ?? 0) === 1);
}

/** The logins of a fleet say the same, session for session and minute for minute. */
const parsed = new Map<string, readonly Grant[]>();
const MOST_PARSED = 200;

function parsedOnce(lines: readonly string[], arePatternsNames: boolean): readonly Grant[] {
  const key = JSON.stringify([arePatternsNames, lines]);
  const known = parsed.get(key);
  if (known !== undefined) return known;
  if (parsed.size >= MOST_PARSED) parsed.clear();
  const grants = parseGrants(lines, { arePatternsNames });
  parsed.set(key, grants);
  return grants;
}

/** The same for readings that come again and again: asked anew once a minute for each session. */
export async function keptGrants(reading: Reading): Promise<readonly Grant[]> {
  const { session } = reading;
  const last = known.get(session);
  if (last !== undefined && performance.now() - last.at < KEEP_MS) return last.grants;
  const grants = await readGrants(session, (sql) => reading.rows(sql));
  known.set(session, { at: performance.now(), grants });
  return grants;
}
