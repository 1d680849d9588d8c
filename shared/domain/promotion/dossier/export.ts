import { cellText, type Cell } from '../../binlog/cell';
import { message, type Message } from '../../../i18n/message';
import type { Verdict } from './classes';
import type { Dossier, DossierEntry, LostTransaction, NamedCells, ShownEntry } from './dossier';

export const dossierFormats = ['json', 'md', 'csv', 'sql'] as const;
export type DossierFormat = (typeof dossierFormats)[number];

type Translate = ((key: 'dossier.title' | 'dossier.summary' | 'dossier.column.table' | 'dossier.column.class' | 'dossier.column.rows' | 'dossier.column.default', params?: Readonly<Record<string, string | number>>) => string)
  & { readonly message: (one: Message) => string };

/** By what a class was proven, as a text. */
export function proofText({ proof }: Pick<Verdict, 'proof'>): Message {
  return message(`dossier.proof.${proof.code}`, { names: proof.names.join(', ') });
}

/** Where an entry stands. */
export function entryTitle({ database, table, key, gtids }: Pick<DossierEntry, 'database' | 'table' | 'key' | 'gtids'>): string {
  return table === '' ? gtids : `${database}.${table}${key.length === 0 ? '' : ` (${cellsText(key)})`}`;
}

export function cellsText(cells: NamedCells | null): string {
  return (cells ?? []).map(([column, cell]) => `${column} = ${cellText(cell)}`).join(', ');
}

/** Text within a table of Markdown: no mark of it ends a cell or begins anything. */
function inMarkdown(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]<>|#~]/g, (mark) => `\\${mark}`).replaceAll(/[\r\n]+/g, ' ⏎ ');
}

const momentOf = ({ at }: LostTransaction): string => (at === null ? '' : `${new Date(at).toISOString().replace('T', ' ').slice(0, 23)} UTC`);

/** The head of a dossier, for people. */
export function* markdownHead(dossier: Dossier, t: Translate): Generator<string> {
  const { oldName, newName, transactions, rows, set, counts } = dossier;
  yield `# ${inMarkdown(t('dossier.title', { name: oldName }))}\n\n`;
  yield `${inMarkdown(t('dossier.summary', { old: oldName, new: newName, n: transactions.total, rows, unreadable: transactions.unreadable }))}\n\n`;
  yield `\`${set.replaceAll('`', '')}\`\n\n`;
  yield `| ${t('dossier.column.table')} | ${t('dossier.column.class')} | ${t('dossier.column.rows')} | ${t('dossier.column.default')} |\n|---|---|---:|---|\n`;
  for (const count of counts) {
    const where = count.table === '' ? '' : inMarkdown(`${count.database}.${count.table}`);
    yield `| ${where} | ${t.message(message(`dossier.class.${count.class}`))} | ${String(count.entries)} | ${t.message(message(`dossier.default.${count.default}`))} |\n`;
  }
  yield '\n';
}

/** One entry, for people. */
export function markdownEntry(entry: ShownEntry, t: Translate): string {
  const head = `## ${inMarkdown(entryTitle(entry))}\n\n${t.message(message(`dossier.class.${entry.class}`))} · ${inMarkdown(t.message(proofText(entry)))}\n\n`;
  const by = entry.by.map((one) => `- \`${one.gtid}\` ${momentOf(one)}${one.thread === null ? '' : ` · #${String(one.thread)}`}${one.invoker === null ? '' : ` · ${inMarkdown(one.invoker)}`}`
    + one.statements.map((text) => `\n  - ${inMarkdown(text)}`).join('')).join('\n');
  const statements = entry.statements.map((text) => `- ${inMarkdown(text)}\n`).join('');
  const names = [...new Set([entry.before, entry.after, entry.today].flatMap((cells) => (cells ?? []).map(([column]) => column)))];
  const lines = names.map((name) => `| ${[name, ...[entry.before, entry.after, entry.today].map((cells) => cellText(cellOf(cells, name)))].map(inMarkdown).join(' | ')} |\n`);
  const table = lines.length === 0 ? '' : `| | ${['before', 'after', 'today'].map((one) => t.message(message(`dossier.image.${one as 'before' | 'after' | 'today'}`))).join(' | ')} |\n|---|---|---|---|\n${lines.join('')}\n`;
  return `${head}${by}\n${statements}\n${table}`;
}

export function cellOf(cells: NamedCells | null, name: string): Cell | undefined {
  return cells?.find(([column]) => column === name)?.[1];
}

export const csvHead = 'database,table,class,default,proof,key,column,before,after,today,gtid,time\r\n';

/** One line for each column; an entry without any has one. */
export function csvEntry(entry: ShownEntry, t: Translate): string {
  const names = [...new Set([entry.before, entry.after, entry.today].flatMap((cells) => (cells ?? []).map(([column]) => column)))];
  const gtids = entry.table === '' ? entry.gtids : entry.by.map(({ gtid }) => gtid).join(' ');
  const time = entry.by.map(momentOf).join(' ');
  const head = [entry.database, entry.table, entry.class, entry.default, t.message(proofText(entry)), cellsText(entry.key)];
  return (names.length === 0 ? [''] : names).map((name) => {
    const cells = [entry.before, entry.after, entry.today].map((image) => cellOf(image, name));
    return `${[...head, name, ...cells.map(cellText), gtids, time].map(inCsv).join(',')}\r\n`;
  }).join('');
}

/** A field that no spreadsheet takes for a formula: such a one gets an apostrophe before it. */
function inCsv(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) && !/^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
