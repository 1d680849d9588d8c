import {
  mostResults, mostRows, type AffectedRows, type ResultSet, type SqlPlan, type SqlReport, type StatementReport,
} from '../../shared/domain/operations/sql/run';
import { isDangerous } from '../../shared/domain/operations/sql/statement-kind';
import { isExecutable } from '../../shared/domain/tasks/plan';
import { quoted } from '../../shared/domain/analysis/standing-text';
import type { Translator } from '../../shared/i18n/translate';
import { errorText, table } from './output';
import { preconditionLine } from './plan-text';

const longestShown = 200;

const onOneLine = (value: string): string => value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t');

/** A value on one line. */
function cell(value: string | null): string {
  if (value === null) return 'NULL';
  const line = onOneLine(value);
  return line.length > longestShown ? `${line.slice(0, longestShown - 1)}…` : line;
}

const isLong = (value: string | null): boolean => value !== null && onOneLine(value).length > longestShown;

const oneLine = (sql: string): string => {
  const text = sql.replaceAll(/\s+/g, ' ');
  return text.length > 160 ? `${text.slice(0, 159)}…` : text;
};

/** What a plan comes to: each statement with what it may do and the rows it would touch. */
export function planText(t: Translator, plan: SqlPlan): string {
  const lines = [t('sql.terminal.plan', { name: plan.name, version: plan.version, count: plan.statements.length })];
  for (const { line, sql, kind, reason, affected } of plan.statements) {
    const [said, because] = [t(`sql.kind.${kind}`), reason === 'verb' ? '' : t(`sql.reason.${reason}`)];
    const why = because === '' || because === said ? '' : ` (${because})`;
    lines.push(`${isDangerous(kind) ? '!' : ' '} ${t('sql.terminal.line', { line })}  ${said}${why}  ${oneLine(sql)}`);
    for (const one of affected) lines.push(`      ${affectedText(t, one)}`);
  }
  for (const one of plan.preconditions) if (one.status === 'fail') lines.push(preconditionLine(t, one));
  if (plan.phrase !== null && isExecutable(plan)) lines.push(t('sql.terminal.confirm', { name: plan.phrase }));
  return lines.join('\n');
}

function affectedText(t: Translator, { table: name, how, rows }: AffectedRows): string {
  return t(`sql.affected.${how}`, { table: name, rows });
}

/** The transcript of a run. */
export function reportText(t: Translator, { name, statements, rolledBack, error, unremembered }: SqlReport): string {
  const lines = statements.flatMap((one) => statementLines(t, name, one));
  const undoable = statements.flatMap(({ kind, gtid, affectedRows }) => (
    gtid !== null && (kind === 'write' || kind === 'unbounded-write') && affectedRows !== 0 ? [gtid] : []
  ));
  for (const gtid of new Set(undoable)) lines.push(t('sql.terminal.undo', { command: `antipode rollback undo ${quoted(name)} ${gtid}` }));
  if (rolledBack) lines.push(t('sql.terminal.rolled-back'));
  if (unremembered !== null) lines.push(t('sql.page.unremembered'), errorText(t, unremembered));
  // One that stopped the run before a statement of its own; that of a statement stands there.
  if (error !== null && statements.every((one) => one.error?.code !== error.code)) lines.push(errorText(t, error));
  return lines.join('\n');
}

function statementLines(t: Translator, name: string, one: StatementReport): readonly string[] {
  const lines = [`${name}> ${oneLine(one.sql)}`];
  for (const result of one.results) lines.push(...resultLines(t, result, one.ms));
  if (one.resultsLeft > 0) lines.push(t('sql.terminal.left', { count: one.resultsLeft, most: mostResults }));
  if (one.affectedRows !== null) lines.push(`${t('sql.terminal.affected', { count: one.affectedRows, ms: one.ms })}${one.info === '' ? '' : `  ${one.info}`}`);
  for (const warning of one.warnings) lines.push(t('sql.terminal.warning', { ...warning }));
  if (one.warningsUnread) lines.push(t('sql.terminal.unread'));
  if (one.error !== null) lines.push(errorText(t, one.error));
  if (one.state !== 'done') lines.push(`${t('sql.terminal.line', { line: one.line })}: ${t(`sql.state.${one.state}`)}`);
  return lines;
}

function resultLines(t: Translator, { columns, rows, more, cut }: ResultSet, ms: number): readonly string[] {
  const notes = [t('sql.terminal.rows', { count: rows.length, ms })];
  if (more) notes.push(t('sql.terminal.more', { most: mostRows }));
  if (cut > 0) notes.push(t('sql.terminal.cut', { count: cut }));
  const [row, other] = rows;
  // A definition, a plan, a status of an engine: one row, to be read as a whole.
  if (row !== undefined && other === undefined && row.some((value) => isLong(value) || value?.includes('\n') === true)) {
    return [...columns.map(({ name }, at) => wholeValue(cell(name), row[at] ?? null)), notes.join('; ')];
  }
  const shortened = rows.reduce((sum, one) => sum + one.filter(isLong).length, 0);
  if (shortened > 0) notes.push(t('sql.terminal.shortened', { count: shortened }));
  return [table([columns.map(({ name }) => cell(name)), ...rows.map((one) => one.map(cell))]), notes.join('; ')];
}

/** A value beneath its name where it has lines of its own, and beside it where not. */
function wholeValue(name: string, value: string | null): string {
  if (value === null) return `${name}: NULL`;
  const text = value.replace(/\r\n/g, '\n').replace(/\n$/, '');
  return text.includes('\n') ? `${name}:\n${text}` : `${name}: ${text}`;
}
