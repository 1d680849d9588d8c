// What of partitioned tables another server does not take, or takes otherwise.
import type { PartitionFault } from '../../shared/domain/checks';
import { atLeast } from '../../shared/domain/fleet/version';
import { isRefusal } from '../mysql/errors';
import { quoteId, quoteString, quoteTable } from '../mysql/quote';
import type { Session } from '../mysql/types';
import { ofUsers } from '../mysql/user-schemas';
import { readSharedPartitions } from './read-objects';
import { byTable, objectsLimitMs, read, text, type Row } from './rows';

/** Rows are looked through for so long in all, and of one table; of what is left nothing is said. Milliseconds. */
const lookMs = 3000;
const tableMs = 1000;

/**
 * Partitions in a tablespace that they share with others, and rows that do not lie where they belong: EXCHANGE PARTITION … WITHOUT VALIDATION leaves such
 * (5.7.5 and later). A row of no partition enters no other server; one of another partition comes into its own there, and stays when the source drops or
 * exchanges the one that it lies in.
 */
export async function readPartitions(session: Session): Promise<readonly PartitionFault[]> {
  return [...(await readSharedPartitions(session)), ...(await readStrays(session))];
}

async function readStrays(session: Session): Promise<readonly PartitionFault[]> {
  if (!atLeast(session.version, 5, 7, 8)) return [];
  const some = `SELECT 1 AS one FROM information_schema.TABLES WHERE CREATE_OPTIONS LIKE '%partitioned%' AND ${ofUsers('TABLE_SCHEMA')} LIMIT 1`;
  const partitioned = await read(session, some, [], objectsLimitMs);
  if (partitioned.length === 0) return [];
  const rows = await read(
    session,
    `SELECT DISTINCT TABLE_SCHEMA AS db, TABLE_NAME AS tbl, PARTITION_NAME AS part, PARTITION_METHOD AS method, PARTITION_EXPRESSION AS expression,
       PARTITION_DESCRIPTION AS edge, PARTITION_ORDINAL_POSITION AS place
     FROM information_schema.PARTITIONS
     WHERE PARTITION_METHOD IN ('RANGE', 'RANGE COLUMNS', 'LIST', 'LIST COLUMNS') AND ${ofUsers('TABLE_SCHEMA')} ORDER BY 1, 2, 7`, [], objectsLimitMs,
  );
  const faults: PartitionFault[] = [];
  const until = performance.now() + lookMs;
  for (const parts of byTable(rows).values()) {
    if (performance.now() > until) break;
    const [first] = parts;
    const statement = strayStatement(parts);
    if (first === undefined || statement === null) continue;
    const found = await read(session, statement, [], objectsLimitMs).catch((thrown: unknown): Row[] => {
      if (isRefusal(thrown)) return [];
      throw thrown;
    });
    for (const row of found) faults.push({ database: text(first, 'db'), table: text(first, 'tbl'), kind: 'stray', partition: text(row, 'part') });
  }
  return faults;
}

/** Names the partitions of a table in which rows lie that do not belong there; null: it is partitioned by several columns. */
function strayStatement(parts: readonly Row[]): string | null {
  const [first] = parts;
  const expression = text(first, 'expression');
  const isColumns = text(first, 'method').endsWith('COLUMNS');
  if (first === undefined || expression === '' || (isColumns && expression.includes('`,`'))) return null;
  // A condition on the expression itself would be answered from the bounds of the partitions, without a look at the rows.
  const value = `COALESCE(${expression})`;
  const name = quoteTable(text(first, 'db'), text(first, 'tbl'));
  const looks = parts.map((part, at) => {
    const [edge, before] = [text(part, 'edge'), at === 0 ? null : text(parts[at - 1], 'edge')];
    const strays = text(part, 'method').startsWith('RANGE') ? beyond(value, edge, before) : unlisted(value, edge);
    return `(SELECT ${quoteString(text(part, 'part'))} AS part FROM ${name} PARTITION (${quoteId(text(part, 'part'))}) WHERE ${strays} LIMIT 1)`;
  });
  return `SELECT /*+ MAX_EXECUTION_TIME(${String(tableMs)}) */ part FROM (${looks.join(' UNION ALL ')}) AS looks`;
}

/** SQL: not from `from` on and below `to`. NULL counts as less than all. */
function beyond(value: string, to: string, from: string | null): string {
  const below = from === null ? [] : [`${value} IS NULL`, `${value} < ${from}`];
  return [...below, ...(to === 'MAXVALUE' ? [] : [`${value} >= ${to}`]), 'FALSE'].join(' OR ');
}

/** SQL: none of the values of a list. */
function unlisted(value: string, list: string): string {
  const takesNull = /(?:^|,)NULL(?=,|$)/.test(list);
  const values = list.replace(/(^|,)NULL(?=,|$)/, '').replace(/^,/, '');
  const others = values === '' ? `${value} IS NOT NULL` : `${value} NOT IN (${values})`;
  return takesNull ? others : `${value} IS NULL OR ${others}`;
}
