import { checkGroups, type CheckReport, type CheckResult } from './check';
import type { Translator } from '../../i18n/translate';
import { refText } from './refs';

/** The names of both ends, and the moment of the report as text in the reader's zone. */
export interface ReportNames {
  readonly source: string;
  readonly standby: string;
  readonly at: string;
}

const marks: Record<CheckResult['status'], string> = { pass: '✓', info: 'i', warn: '!', fail: '✗', skipped: '–', error: '✗' };

/** A report as Markdown: one table per group, then every miss with its reason and remedy. Pure. */
export function reportAsMarkdown(report: CheckReport, names: ReportNames, text: Translator): string {
  const lines = [
    `# ${inline(text('checks.report.title', { source: names.source, standby: names.standby }))}`, '',
    text('checks.report.at', { at: names.at, seconds: (report.tookMs / 1000).toFixed(1) }), '',
  ];
  for (const group of checkGroups) {
    const results = report.results.filter((result) => result.group === group);
    if (results.length === 0) continue;
    lines.push(
      `## ${text(`checks.group.${group}`)}`, '',
      `| | id | ${text('checks.report.measured')} | ${text('checks.report.required')} | ${text('checks.report.ref')} |`, '|---|---|---|---|---|',
    );
    for (const result of results) {
      const cells = [
        `${marks[result.status]} ${text(`checks.status.${result.status}`)}`, result.id, inline(text.message(result.measured)),
        inline(text.message(result.required)), result.ref === undefined ? '' : inline(result.ref?.page ?? text('checks.ref.own')),
      ];
      lines.push(`| ${cells.join(' | ')} |`);
    }
    lines.push('');
    for (const result of results) if (result.status === 'fail' || result.status === 'warn' || result.status === 'error') lines.push(...missLines(result, text));
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

function missLines(result: CheckResult, text: Translator): string[] {
  const { remedy } = result;
  const lines = [
    `### ${marks[result.status]} ${inline(text.message(result.title))} (${result.id})`, '',
    `- ${text('checks.report.why')}: ${inline(text.message(result.why))}`,
  ];
  if (remedy !== null) lines.push(`- ${text('checks.report.remedy')}: ${inline(text.message(remedy.text))}`);
  if (result.ref !== undefined) lines.push(`- ${text('checks.report.ref')}: ${inline(text.message(refText(result.ref)))}`);
  lines.push('');
  if (remedy?.sql !== undefined) lines.push(...fenced('sql', remedy.sql.map((statement) => `${statement};`)));
  if (remedy?.config !== undefined) lines.push(...fenced('ini', remedy.config));
  return lines;
}

/** A fence longer than any run of backticks inside: names may hold them. */
export function fenced(language: string, body: readonly string[]): string[] {
  const longest = Math.max(0, ...[...body.join('\n').matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return [`${fence}${language}`, ...body, fence, ''];
}

/** Server text among it must neither end the table's cell nor act as markup. */
export function inline(text: string): string {
  return text.replaceAll(/[\r\n]+/g, ' ').replaceAll(/[\\|<>*_[\]`#]/g, (character) => `\\${character}`);
}
