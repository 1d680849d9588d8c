import { inline } from '../domain/checks/markdown';
import type { BesidePlan } from '../domain/operations/rollback/beside-plan';
import type { RollbackRecord } from '../domain/operations/rollback/record';
import type { Translator } from './translate';

/** What a record is about, in a few words. */
export function rollbackSubject(t: Translator, { way, gtids, names }: RollbackRecord): string {
  if (way === 'undo') return t('rollback.record.undo', { count: gtids.length });
  if (way === 'copy-back') return t('rollback.record.copy-back', { table: names.map(({ database, table }) => `${database}.${table}`).join(', ') });
  if (way === 'swap') return names.map(({ database, table, newDatabase, newTable }) => `${database}.${table} ↔ ${newDatabase}.${newTable}`).join(', ');
  return names.map(({ database, table, newDatabase, newTable }) => `${database}.${table} → ${newDatabase}.${newTable}`).join(', ');
}

/** What a plan of copies reads of the log, in a sentence. */
export function besideCounts(t: Translator, { backup, transactions, changes }: BesidePlan): string {
  if (backup === null) return t('rollback.beside.counts', { transactions, changes });
  return t('rollback.beside.counts.forward', { backup: backup.id, transactions, changes });
}

/** Its state in words. */
export function rollbackState(t: Translator, { end }: RollbackRecord): string {
  return end === null ? t('rollback.record.running') : t(`tasks.state.${end.state}`);
}

/** A rollback as Markdown: who, when, what, to which moment, every step and its log. `at`: a moment as the reader writes it. */
export function rollbackReport(t: Translator, record: RollbackRecord, at: (ms: number) => string): string {
  const { name, actor, gtids, moment, outcome, end } = record;
  const facts: readonly (readonly [string, string])[] = [
    [t('rollback.record.started'), at(record.at)],
    [t('rollback.record.by'), actor],
    [t('rollback.column.way'), `${t(`rollback.record.way.${record.way}`)}: ${rollbackSubject(t, record)}`],
    [t('rollback.column.state'), rollbackState(t, record)],
    ...(gtids.length === 0 ? [] : [[t('rollback.record.gtids'), gtids.join(', ')] as const]),
    ...(moment === null ? [] : [[t('rollback.record.moment'), `${moment.gtid}, ${at(moment.at)}`] as const]),
    ...(outcome === null ? [] : [[t('rollback.rows'), t('rollback.record.rows', { rows: outcome.rows, left: outcome.left })] as const]),
    ...(outcome?.gtid == null ? [] : [[t('rollback.record.written'), outcome.gtid] as const]),
  ];
  const lines = [`# ${inline(t('rollback.record.title', { name }))}`, '', ...facts.map(([what, value]) => `- ${inline(what)}: ${inline(value)}`)];
  if (end !== null) {
    lines.push('', `## ${t('tasks.steps')}`, '', ...end.steps.map(({ title, state, ms }, i) =>
      `${String(i + 1)}. ${inline(t.message(title))}: ${t(`tasks.step.${state}`)}${ms === null ? '' : ` (${t('common.duration.ms', { n: ms.toFixed(1) })})`}`));
    if (end.log.length > 0) lines.push('', `## ${t('tasks.log')}`, '', ...end.log.map((line) => `- ${at(line.at)} ${inline(t.message(line.text))}`));
    if (end.error !== null) lines.push('', `## ${t('report.error')}`, '', inline(`${end.error.code}: ${end.error.detail ?? ''}`));
  }
  return `${lines.join('\n')}\n`;
}
