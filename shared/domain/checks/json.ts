import type { Translator } from '../../i18n/translate';
import type { CheckReport } from './check';
import type { ReportNames } from './markdown';
import { refText } from './refs';

/** A report as JSON for other programs: every result as it is, with its texts in the reader's language beside it. Pure. */
export function reportAsJson(report: CheckReport, names: ReportNames, text: Translator): string {
  const { startedAt, tookMs, results } = report;
  const checks = results.map((result) => ({
    ...result,
    titleText: text.message(result.title),
    measuredText: text.message(result.measured),
    requiredText: text.message(result.required),
    whyText: text.message(result.why),
    remedyText: result.remedy === null ? null : text.message(result.remedy.text),
    refText: result.ref === undefined ? null : text.message(refText(result.ref)),
  }));
  return `${JSON.stringify({ source: names.source, standby: names.standby, startedAt: new Date(startedAt).toISOString(), tookMs, checks }, null, 2)}\n`;
}
