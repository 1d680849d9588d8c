import { classify } from '../../../shared/domain/operations/sql/classify';
import { formsOf, type ExplainForm, type ExplainOrder, type StatementPlan } from '../../../shared/domain/operations/sql/explain';
import { splitStatements } from '../../../shared/domain/operations/sql/split';
import type { SqlClass } from '../../../shared/domain/operations/sql/statement-kind';
import { planOf, type PlanNode } from '../../../shared/domain/slow/plan';
import { planOfSteps, planOfTree } from '../../../shared/domain/slow/plan-steps';
import { Failure } from '../../../shared/errors/codes';
import type { Statement } from '../../mysql/statement';
import type { Session } from '../../mysql/types';
import { readModes, refuseLeftOut, useDatabase, versionNumber } from './draft';
import { ResultRows } from './results/result-rows';
import { answerOf } from './statement';
import { shownStatement } from './without-secrets';

const shortMs = 10_000;
const mostSteps = 1_000;
const readings: readonly string[] = ['SELECT', 'WITH', 'TABLE', 'VALUES'];
const changes: readonly string[] = ['INSERT', 'REPLACE', 'UPDATE', 'DELETE'];

/**
 * What the server means to do for the one statement of a text; `analyze` runs it, and is refused for anything but a reading. The session only reads, but for
 * changes of rows, which are explained and never run: a transaction that only reads refuses to explain them.
 *
 * @throws Failure where the server refuses it
 */
export async function explainStatement(session: Session, order: ExplainOrder, signal: AbortSignal | undefined): Promise<StatementPlan> {
  const { form } = order;
  refuseLeftOut(order.text);
  const none = { form, plan: null, text: '', rows: null } as const;
  await useDatabase(session, order.database);
  const [modes, version] = [await readModes(session), versionNumber(session.version)];
  const { pieces, problem } = splitStatements(order.text, modes, { executes: (number) => number <= version, digits: 6 });
  const [piece] = pieces;
  if (problem !== null || piece === undefined || pieces.length > 1) return { ...none, without: 'several' };
  const known = classify(piece.sql, modes, version);
  const without = reasonAgainst(known, form);
  if (without !== null) return { ...none, without };
  if (!formsOf(session.version).includes(form)) return { ...none, without: 'version' };
  if (known.kind === 'read') await session.run('SET SESSION TRANSACTION READ ONLY', [], { timeoutMs: shortMs });
  await session.run('START TRANSACTION', [], { timeoutMs: shortMs });
  try {
    if (session.dialect.features.hasExplainJsonVersion) {
      await session.run(`SET SESSION explain_json_format_version = ${form === 'json2' ? '2' : '1'}`, [], { timeoutMs: shortMs });
    }
    return { ...none, ...(await toldOf(session, `${wordsFor(form, session)} ${piece.sql}`, known, order, signal)), without: null };
  } finally {
    await session.run('ROLLBACK', [], { timeoutMs: shortMs }).catch(() => session.destroy());
  }
}

/** Newer servers let whoever runs them choose another default: each form is named where it can be. */
function wordsFor(form: ExplainForm, { dialect }: Session): string {
  switch (form) {
    case 'json':
    case 'json2':
      return 'EXPLAIN FORMAT=JSON';
    case 'tree':
      return 'EXPLAIN FORMAT=TREE';
    case 'analyze':
      return dialect.features.hasExplainJsonVersion ? 'EXPLAIN ANALYZE FORMAT=TREE' : 'EXPLAIN ANALYZE';
    case 'classic':
      return 'EXPLAIN FORMAT=TRADITIONAL';
    default: {
      const unknown: never = form;
      throw new Error(`Unknown form ${String(unknown)}`);
    }
  }
}

function reasonAgainst({ kind, verb }: SqlClass, form: ExplainForm): StatementPlan['without'] {
  if (kind === 'read' && readings.includes(verb)) return null;
  if (form === 'analyze') return 'not-read';
  return (kind === 'write' || kind === 'unbounded-write') && changes.includes(verb) ? null : 'other';
}

async function toldOf(
  session: Session, sql: string, known: SqlClass, { form, seconds }: ExplainOrder, signal: AbortSignal | undefined,
): Promise<Pick<StatementPlan, 'plan' | 'text' | 'rows'>> {
  const statement: Statement = { sql, redacted: shownStatement(sql, known) };
  if (form === 'classic') {
    const { results, error } = await answerOf(session, statement, 'read', new ResultRows(mostSteps, null), { seconds, signal });
    if (error !== null) throw new Failure(error);
    return { plan: null, text: '', rows: results[0] ?? null };
  }
  const limits = { timeoutMs: seconds * 1_000, cancel: 'kill', ...(signal === undefined ? {} : { signal }) } as const;
  const [row] = await session.query<{ EXPLAIN?: unknown }>(statement, [], limits);
  const text = typeof row?.EXPLAIN === 'string' ? row.EXPLAIN : '';
  return { plan: planIn(text, form), text, rows: null };
}

function planIn(text: string, form: ExplainForm): PlanNode | null {
  if (form === 'tree' || form === 'analyze') return planOfTree(text);
  try {
    const json: unknown = JSON.parse(text);
    return planOf(json) ?? planOfSteps(json);
  } catch {
    // Cut, or of a form that is not known: the text is shown.
    return null;
  }
}
