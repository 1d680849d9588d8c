import { planOf, type Explained, type PlanNode } from '../../../shared/domain/slow/plan';
import { hasPlaceholder, modesByDigest, modesOf, namesIn, verbOf, withoutLiterals } from '../../../shared/domain/slow/normal';
import { logsToTable } from '../../../shared/domain/slow/switches';
import type { SqlModes } from '../../../shared/domain/sql/tokens';
import { isRefusal } from '../../mysql/reading';
import type { Session } from '../../mysql/types';
import { readLoggedSample } from './log';
import { readDigestText, readSample, readSwitches } from './read';

const limitMs = 10_000;
/** What reads, whatever else it does. */
const reading = ['SELECT', 'WITH', 'TABLE', 'VALUES'];

/**
 * What the server would do for a statement that it has seen. Explains and never runs it: of what does more than read nothing is asked, nor is a server
 * before 5.7, which runs the subqueries of FROM and those within views to explain them (manual of 5.6: "Optimizing Derived Tables"). The session begins
 * a transaction that only reads first.
 *
 * @param literals whether the sample is told with its literals
 */
export async function explainDigest(session: Session, digest: string, database: string, literals: boolean): Promise<Explained> {
  const kept = await readSample(session, digest, database);
  // The log holds statements whole, and what a server without digests ran.
  const sample = kept === null || kept.endsWith('...') || hasPlaceholder(kept) ? ((await sampleFromLog(session, digest, database)) ?? kept) : kept;
  if (sample === null) return { sample: null, plan: null, without: 'no-sample' };
  const modes = await modesRunUnder(session, sample, digest, database);
  const shown = literals ? sample : withoutLiterals(sample, modes);
  const without = reasonAgainst(session, sample, modes);
  if (without !== null || modes === null) return { sample: shown, plan: null, without: without ?? 'modes' };
  const ask = <Row extends object>(sql: string): Promise<Row[]> => session.query<Row>(sql, [], { timeoutMs: limitMs });
  if (session.dialect.features.hasExplainJsonVersion) await ask('SET SESSION explain_json_format_version = 1');
  if (await mayCallFunction(ask, sample, modes)) return { sample: shown, plan: null, without: 'function' };
  const words = [...(modes.ansiQuotes === true ? ['ANSI_QUOTES'] : []), ...(modes.noBackslashEscapes === true ? ['NO_BACKSLASH_ESCAPES'] : [])];
  if (words.length > 0) await ask(`SET SESSION sql_mode = CONCAT_WS(',', @@SESSION.sql_mode, '${words.join(',')}')`);
  await ask('START TRANSACTION READ ONLY');
  try {
    const [row] = await ask<{ EXPLAIN?: unknown }>(`EXPLAIN FORMAT=JSON ${sample}`);
    const told = row?.EXPLAIN;
    const plan = planOf(typeof told === 'string' ? JSON.parse(told) : told);
    return { sample: shown, plan: plan === null || literals ? plan : withoutConstants(plan), without: null };
  } finally {
    await ask('ROLLBACK');
  }
}

/** Under which modes a sample was run, as far as they change what it says; null: nobody can tell. */
async function modesRunUnder(session: Session, sample: string, digest: string, database: string): Promise<SqlModes | null> {
  if (!/["\\]/.test(sample)) return {};
  const text = await readDigestText(session, digest, database).catch((error: unknown) => {
    if (isRefusal(error)) return null;
    throw error;
  });
  return text === null ? modesOf(sample) : modesByDigest(sample, text);
}

/** null: the server writes no table of slow statements, may not be asked for it, or has none of that digest there. */
async function sampleFromLog(session: Session, digest: string, database: string): Promise<string | null> {
  if (!logsToTable(await readSwitches(session))) return null;
  try {
    return await readLoggedSample(session, digest, database);
  } catch (error) {
    if (isRefusal(error)) return null;
    throw error;
  }
}

/**
 * Whether a statement may call a stored function: a server up to 8.0 runs one to explain it, with the rights of who asks, so that whoever may make one
 * and be seen with it would act as an administrator. Views may hide a call. Those of `sys` are the server's own. Seen on 5.6, 5.7, 8.0.15 and 8.0.31.
 */
async function mayCallFunction(ask: <Row extends object>(sql: string) => Promise<Row[]>, sample: string, modes: SqlModes): Promise<boolean> {
  const functions = await ask<{ name: string }>(
    "SELECT DISTINCT ROUTINE_NAME AS name FROM information_schema.ROUTINES WHERE ROUTINE_TYPE = 'FUNCTION' AND ROUTINE_SCHEMA <> 'sys'",
  );
  if (functions.length === 0) return false;
  const views = await ask<{ name: string }>("SELECT DISTINCT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_TYPE = 'VIEW'");
  const names = namesIn(sample, modes);
  return [...functions, ...views].some(({ name }) => names.has(name.toLowerCase()));
}

/** The conditions of a plan hold the literals too. */
function withoutConstants(node: PlanNode): PlanNode {
  return { ...node, condition: withoutLiterals(node.condition), children: node.children.map(withoutConstants) };
}

function reasonAgainst({ dialect: { features } }: Session, sample: string, modes: SqlModes | null): Explained['without'] {
  if (!reading.includes(verbOf(sample))) return 'other';
  if (sample.endsWith('...')) return 'cut';
  if (hasPlaceholder(sample, modes)) return 'prepared';
  return features.explainsDerivedTables ? null : 'derived';
}
