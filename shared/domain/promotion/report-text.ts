import type { Translator } from '../../i18n/translate';
import { fenced, inline } from '../checks/markdown';
import { lossOfReport, lossText } from './loss';
import type { PromotionReport } from './promotion';

/** A report with its texts, for programs: what the terminal prints with `--json`, and what is saved. */
export function reportFields(report: PromotionReport, t: Translator): object {
  return {
    id: report.id,
    kind: report.kind,
    outcome: report.outcome,
    standby: report.standbyName,
    source: report.sourceName,
    outageMs: report.outageMs,
    lostTransactions: report.lostTransactions,
    lostSet: report.lostSet,
    loss: lossOfReport(report),
    revised: report.revised ?? null,
    split: report.split ?? null,
    promotionSet: report.promotionSet,
    startedAt: report.startedAt,
    endedAt: report.endedAt,
    acknowledgedAt: report.acknowledgedAt ?? null,
    steps: report.steps.map((step) => ({ id: step.id, title: t.message(step.title), ms: step.ms, sql: step.sql })),
    notes: report.notes.map((note) => t.message(note)),
    error: report.error,
  };
}

/** A report as JSON text. */
export function reportAsJson(report: PromotionReport, t: Translator): string {
  return `${JSON.stringify(reportFields(report, t), null, 2)}\n`;
}

/** The title of a report. */
export function reportTitle({ kind, sourceName, standbyName }: Pick<PromotionReport, 'kind' | 'sourceName' | 'standbyName'>, t: Translator): string {
  return t(kind === 'planned' ? 'report.switchover' : 'report.promotion', { source: sourceName, standby: standbyName });
}

/** The lines at the head of a report, each a name and its value. `at`: a moment as the reader writes it. */
export function reportFacts(report: PromotionReport, at: (ms: number) => string, t: Translator): readonly (readonly [name: string, value: string])[] {
  const { outageMs, acknowledgedAt } = report;
  return [
    [t('report.outcome'), t(`promotion.report.${report.outcome}`)],
    [t('report.started'), at(report.startedAt)],
    [t('report.ended'), at(report.endedAt)],
    ...(outageMs === null ? [] : [[t('report.outage'), t('common.duration.ms', { n: outageMs.toFixed(1) })] as const]),
    [t('report.lost'), t.message(lossText(lossOfReport(report), at))],
    ...(report.revised == null ? [] : [[t('report.revised'), at(report.revised.at)] as const]),
    ...(report.kind === 'planned' ? [] : [[t('report.acknowledged'), acknowledgedAt == null ? t('report.acknowledged-not') : at(acknowledgedAt)] as const]),
  ];
}

/** A report as Markdown: what it cost, its notes, every step with its SQL. Pure. */
export function reportAsMarkdown(report: PromotionReport, at: (ms: number) => string, t: Translator): string {
  const lines = [`# ${inline(reportTitle(report, t))}`, ''];
  for (const [name, value] of reportFacts(report, at, t)) lines.push(`- ${inline(name)}: ${inline(value)}`);
  for (const [name, set] of [[t('report.lost-set'), report.lostSet], [t('report.promotion-set'), report.promotionSet]] as const) {
    if (set !== '') lines.push('', `## ${inline(name)}`, '', ...fenced('', [set]).slice(0, -1));
  }
  if (report.error !== null) {
    const detail = report.error.detail === undefined ? '' : `: ${inline(report.error.detail)}`;
    lines.push('', `## ${t('report.error')}`, '', `${report.error.code}${detail}`);
  }
  if (report.notes.length > 0) lines.push('', `## ${t('report.notes')}`, '', ...report.notes.map((note) => `- ${inline(t.message(note))}`));
  lines.push('', `## ${t('report.steps')}`, '');
  report.steps.forEach((step, index) => {
    lines.push(`${index + 1}. ${inline(t.message(step.title))} (${t('common.duration.ms', { n: step.ms.toFixed(1) })})`, '');
    if (step.sql.length > 0) lines.push(...fenced('sql', step.sql.map(({ server, sql }) => `/* ${server.replaceAll('*/', '* /')} */ ${sql};`)));
  });
  return `${lines.join('\n').trimEnd()}\n`;
}
