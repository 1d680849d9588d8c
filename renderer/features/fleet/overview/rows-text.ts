import { formatEndpoint } from '../../../../shared/domain/fleet/instance';
import { standingText } from '../../../../shared/domain/analysis/standing-text';
import { roleMessage, standingOf, type StandingClock } from '../../../../shared/domain/analysis/standing';
import type { Translator } from '../../../../shared/i18n/translate';
import { lagText } from '../../../ui/LagBadge';
import { type InstanceRow } from './instance-rows';

/** How chosen rows leave the window. */
export type RowFormat = 'CSV' | 'JSON' | 'TSV';

const fields = ['name', 'address', 'region', 'project', 'role', 'health', 'lag', 'lagSeconds', 'version', 'protectedBy', 'readAt'] as const;
type Field = (typeof fields)[number];

/** What a row says, in the words that are seen, with its address and when it was read; null: it has none, or it is not known. Pure. */
function recordOf(t: Translator, clock: StandingClock, { view, region, project, protectors }: InstanceRow): Record<Field, string | number | null> {
  const { instance, facts, lag } = view;
  return {
    name: instance.name,
    address: formatEndpoint(instance.admin),
    region,
    project: project === '' ? null : project,
    role: t.message(roleMessage(view, clock)),
    health: standingText(t, standingOf(view, clock)),
    lag: lag === null ? null : lagText(t, lag),
    lagSeconds: lag === null || lag.state === 'not-replicating' || lag.state === 'unknown' ? null : lag.seconds,
    version: facts?.server.version ?? null,
    protectedBy: view.role === 'primary' ? protectors : null,
    readAt: facts === null ? null : new Date(facts.sampledAt).toISOString(),
  };
}

/** A cell in RFC 4180's form. A spreadsheet would run one that begins like a formula: it gets an apostrophe in front. */
function csvCell(value: string | number | null): string {
  if (typeof value === 'number') return String(value);
  return `"${harmless(value ?? '').replaceAll('"', '""')}"`;
}

const tsvCell = (value: string | number | null): string => (typeof value === 'number' ? String(value) : harmless(value ?? '').replaceAll(/[\t\r\n]+/g, ' '));

/** What a spreadsheet would take for a formula is a text. */
const harmless = (text: string): string => (/^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text);

/** Rows as text, in the order that is seen. Pure. */
export function rowsText(t: Translator, clock: StandingClock, rows: readonly InstanceRow[], format: RowFormat): string {
  const records = rows.map((row) => recordOf(t, clock, row));
  const lines = (cell: (value: string | number | null) => string, between: string, end: string): string =>
    [[...fields], ...records.map((record) => fields.map((field) => record[field]))].map((line) => `${line.map(cell).join(between)}${end}`).join('');
  switch (format) {
    case 'JSON':
      return `${JSON.stringify(records, null, 2)}\n`;
    case 'CSV':
      return lines(csvCell, ',', '\r\n');
    case 'TSV':
      return lines(tsvCell, '\t', '\n');
    default:
      return format satisfies never;
  }
}
