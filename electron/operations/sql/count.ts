import { mostCounted, type AffectedRows } from '../../../shared/domain/operations/sql/run';
import type { TouchedRows } from '../../../shared/domain/operations/sql/statement-kind';
import { planOf, type PlanNode } from '../../../shared/domain/slow/plan';
import { MysqlError } from '../../mysql/errors';
import type { Session } from '../../mysql/types';

/** How long a count may take, and all counts of a plan together, milliseconds. */
const countMs = 2_000;
const allMs = 10_000;

/**
 * How many rows the parts of a statement hold, in a transaction that only reads: counted up to a bound, else what the server guesses, and called so. Nothing of
 * the statement but its table and its condition is sent.
 */
export async function countTouched(session: Session, touched: readonly TouchedRows[], deadline: number): Promise<readonly AffectedRows[]> {
  const counts: AffectedRows[] = [];
  for (const one of touched.slice(0, 50)) counts.push(await countOf(session, one, deadline));
  return counts;
}

/** When the counts of a plan that begins now have to be over. */
export const countsEnd = (): number => performance.now() + allMs;

async function countOf(session: Session, { table, condition, limit }: TouchedRows, deadline: number): Promise<AffectedRows> {
  const ask = async <Row extends object>(sql: string): Promise<readonly Row[] | null> => {
    const timeoutMs = Math.min(countMs, deadline - performance.now());
    if (timeoutMs <= 50) return null;
    try {
      return await session.query<Row>(sql, [], { timeoutMs, cancel: 'kill' });
    } catch (thrown) {
      // Too slow, or not for this login: then it is not known.
      if (thrown instanceof MysqlError && thrown.errno === 0) throw thrown;
      return null;
    }
  };
  const most = Math.min(mostCounted + 1, limit ?? mostCounted + 1);
  await ask('START TRANSACTION READ ONLY');
  try {
    const some = `SELECT 1 FROM ${table} ${condition} LIMIT ${String(most)}`;
    const [counted] = (await ask<{ n: string | number }>(`SELECT COUNT(*) AS n FROM (${some}) AS counted`)) ?? [];
    if (counted !== undefined) {
      const rows = Number(counted.n);
      return rows > mostCounted ? { table, how: 'more', rows: mostCounted } : { table, how: 'exact', rows };
    }
    if (session.dialect.features.hasExplainJsonVersion) await ask('SET SESSION explain_json_format_version = 1');
    const [explained] = (await ask<{ EXPLAIN: unknown }>(`EXPLAIN FORMAT=JSON SELECT 1 FROM ${table} ${condition}`)) ?? [];
    const guess = explained === undefined || typeof explained.EXPLAIN !== 'string' ? null : guessOf(planOf(JSON.parse(explained.EXPLAIN)));
    return guess === null ? { table, how: 'unknown', rows: 0 } : { table, how: 'estimate', rows: Math.min(guess, limit ?? guess) };
  } finally {
    await ask('ROLLBACK');
  }
}

/** The rows that the plan keeps of its table: not those of whatever else it reads first. */
function guessOf(node: PlanNode | null): number | null {
  if (node === null) return null;
  if (node.kind === 'table' && node.rows !== null) return Math.round((node.rows * (node.filtered ?? 100)) / 100);
  for (const child of node.children) {
    const found = guessOf(child);
    if (found !== null) return found;
  }
  return null;
}
