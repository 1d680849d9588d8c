// Which rows were written since a GTID set, as the binary logs of both sides tell.
import { mentions } from '../../../shared/domain/binlog/statements';
import { parseGtidSet, type GtidSet } from '../../../shared/domain/gtid/set';
import { tokensIn, valueOf } from '../../../shared/domain/sql/tokens';
import { cascadesFrom, worthByKey, type CascadingKey } from '../../../shared/domain/verification/touched';
import { LoggedTables } from '../../mysql/binlog/logged-tables';
import { sinceSys } from '../../mysql/user-schemas';
import { streamTransactions } from '../../mysql/binlog/stream';
import type { Session, StatementSession } from '../../mysql/types';
import type { LinkContext } from '../../replication/link-context';
import type { StepContext } from '../../tasks/types';
import type { TableToCompare } from '../compare-tables';
import type { TouchedPart } from './part';
import { nameOf, TouchedRows, TouchedTables, type LoggedStatement } from './touched-rows';

/** Where both sides stand, and what was known before. */
export interface TouchedSpan {
  readonly since: GtidSet;
  /** The position of the source. */
  readonly gtidSet: string;
  /** Transactions of the standby alone. */
  readonly errant: string;
  /** Sees the present of the source. */
  readonly source: Session;
}

/**
 * Narrows tables to what was written since a set: on the source, and by transactions of the standby alone. Tables that nothing was written of are left out;
 * one that both sides do not have alike is told all the same. What a log does not tell for certain is compared whole. Rows that were written outside
 * of the binary log are in none.
 */
export async function onlyTouched(
  link: LinkContext, step: StepContext, all: readonly TableToCompare[], { since, gtidSet, errant, source }: TouchedSpan,
): Promise<readonly TableToCompare[]> {
  const { spec } = link;
  const tables = new TouchedTables(all);
  const spans = [[spec.sourceId, parseGtidSet(gtidSet).subtract(since)], [spec.standbyId, parseGtidSet(errant).subtract(since)]] as const;
  for (const [id, wanted] of spans) if (!wanted.isEmpty() && tables.everything === null) await readLog(link, step, id, wanted, tables);
  const reaches = tables.everything === null ? await applyStatements(source, tables, all) : [];
  const acting = [...tables.actedUnlogged, ...reaches.map((name) => name.toLowerCase())];
  const along = tables.everything === null ? cascadesFrom(acting, await cascadingKeys(source)) : new Set<string>();
  const chosen = all.flatMap((one): readonly TableToCompare[] => {
    if (!('source' in one.plan)) return [one];
    const part = partOf(one, one.plan.rows, tables, along);
    return part === null ? [] : [{ ...one, touched: part }];
  });
  const rows = chosen.reduce((sum, { touched }) => sum + (touched !== undefined && 'keys' in touched ? touched.keys.length : 0), 0);
  const whole = chosen.filter(({ touched }) => touched !== undefined && 'whole' in touched).length;
  const count = spans.reduce((sum, [, wanted]) => sum + Number(wanted.count()), 0);
  step.log('info', 'verification.log.touched', { transactions: count, rows, whole });
  return chosen;
}

async function readLog({ fleet }: LinkContext, step: StepContext, id: string, wanted: GtidSet, tables: TouchedTables): Promise<void> {
  const options = { signal: step.signal };
  const purged = await fleet.withSession(id, purgedOn, options);
  if (!wanted.intersect(purged).isEmpty()) {
    tables.everything = 'purged';
    return;
  }
  const catalogue = await fleet.connect(id, options);
  try {
    const logged = new LoggedTables(catalogue);
    await logged.open();
    const reader = new TouchedRows(logged, tables);
    await streamTransactions(await fleet.connect(id, options), wanted, reader, step.signal);
    // Purged while it was read, or in no log at all.
    if (!wanted.isSubsetOf(reader.seen.set())) tables.everything = 'purged';
  } finally {
    catalogue.destroy();
  }
}

async function purgedOn(session: StatementSession): Promise<GtidSet> {
  const [row] = await session.query<{ purged: string }>('SELECT @@GLOBAL.gtid_purged AS purged');
  return parseGtidSet(row?.purged ?? '');
}

/** null: nothing was written of it. */
function partOf({ database, table }: TableToCompare, rows: number, tables: TouchedTables, along: ReadonlySet<string>): TouchedPart | null {
  if (tables.everything !== null) return { whole: tables.everything };
  const touched = tables.found(database, table);
  if (touched !== undefined && touched.whole !== null) return { whole: touched.whole };
  if (along.has(nameOf(database, table).toLowerCase())) return { whole: 'cascade' };
  if (touched === undefined) return null;
  return worthByKey(touched.keys.size, rows) ? { keys: [...touched.keys.values()] } : { whole: 'many' };
}

/** Tables that statements name are read whole, and everything where one reaches further than it says. Returns those whose rows it may have changed. */
async function applyStatements(source: StatementSession, tables: TouchedTables, all: readonly TableToCompare[]): Promise<readonly string[]> {
  const { statements } = tables;
  if (statements.length === 0) return [];
  const reaching = statements.some(({ isDml }) => isDml) ? await reachingNames(source) : new Set<string>();
  if (statements.some((one) => one.isDml && namesIn(one).some((name) => reaching.has(name)))) {
    tables.everything = 'side-effects';
    return [];
  }
  const named: string[] = [];
  for (const { database, table } of all) {
    const naming = statements.filter((one) => mentions(one.text, one.database, database, table));
    if (naming.length === 0) continue;
    tables.of(database, table)?.refuse(naming.some(({ isDml }) => !isDml) ? 'ddl' : 'statement');
    named.push(nameOf(database, table));
  }
  return named;
}

function namesIn({ text }: LoggedStatement): readonly string[] {
  return tokensIn(text).flatMap((token) => (token.kind === 'word' ? [token.text.toLowerCase()] : token.kind === 'name' ? [valueOf(token).toLowerCase()] : []));
}

/** Names by which a statement writes more tables than it names: views, functions, tables with triggers. In lower case. */
async function reachingNames(session: StatementSession): Promise<ReadonlySet<string>> {
  const names = await session.query<{ n: string }>(
    `SELECT EVENT_OBJECT_TABLE AS n FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA NOT IN ('' ${sinceSys})
     UNION SELECT TABLE_NAME FROM information_schema.VIEWS WHERE TABLE_SCHEMA NOT IN ('' ${sinceSys})
     UNION SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA NOT IN ('' ${sinceSys})`,
  );
  return new Set(names.map(({ n }) => n.toLowerCase()));
}

/** Foreign keys that change rows of one table along with those of another; names in lower case, as a log may spell them otherwise. */
async function cascadingKeys(session: StatementSession): Promise<readonly CascadingKey[]> {
  const rows = await session.query<{ pd: string; pt: string; cd: string; ct: string }>(
    `SELECT UNIQUE_CONSTRAINT_SCHEMA AS pd, REFERENCED_TABLE_NAME AS pt, CONSTRAINT_SCHEMA AS cd, TABLE_NAME AS ct
     FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE DELETE_RULE IN ('CASCADE', 'SET NULL') OR UPDATE_RULE IN ('CASCADE', 'SET NULL')`,
  );
  return rows.map(({ pd, pt, cd, ct }) => ({ parent: nameOf(pd, pt).toLowerCase(), child: nameOf(cd, ct).toLowerCase() }));
}
