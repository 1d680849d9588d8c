import { cellText, type Cell } from '../../binlog/cell';
import type { MessageKey } from '../../../i18n/en';
import { message, type Message, type MessageParams } from '../../../i18n/message';
import type { Verdict } from './classes';
import type { Dossier, DossierEntry, LostTransaction, NamedCells, ShownEntry } from './dossier';

export const dossierFormats = ['json', 'md', 'csv', 'sql'] as const;
export type DossierFormat = (typeof dossierFormats)[number];

type Translate = ((key: MessageKey, params?: MessageParams) => string) & { readonly message: (one: Message) => string };

/** By what a class was proven, as a text. */
export function proofText({ proof }: Pick<Verdict, 'proof'>): Message {
  return message(`dossier.proof.${proof.code}`, { names: proof.names.join(', ') });
}

/** Why a dossier may hold less than what was lost, or more: nobody may take it for the whole who was not told. */
export function caveats({ oldName, newName, isOther, setBack, stillWrites }: Dossier): readonly Message[] {
  return [
    ...(isOther ? [message('dossier.other-server', { name: oldName })] : []),
    ...(setBack > 0 ? [message('dossier.set-back', { name: oldName, new: newName, n: setBack })] : []),
    ...(stillWrites ? [message('dossier.still-writes', { name: oldName })] : []),
  ];
}

/** Where an entry stands. */
export function entryTitle({ database, table, key, gtids }: Pick<DossierEntry, 'database' | 'table' | 'key' | 'gtids'>): string {
  return table === '' ? gtids : `${database}.${table}${key.length === 0 ? '' : ` (${cellsText(key)})`}`;
}

function cellsText(cells: NamedCells | null): string {
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
  for (const one of caveats(dossier)) yield `**${inMarkdown(t.message(one))}**\n\n`;
  if (set !== '') yield `\`${set.replaceAll('`', '')}\`\n\n`;
  yield `| ${t('dossier.column.table')} | ${t('dossier.column.class')} | ${t('dossier.column.rows')} | ${t('dossier.column.default')} |\n|---|---|---:|---|\n`;
  for (const count of counts) {
    const where = count.table === '' ? '' : inMarkdown(`${count.database}.${count.table}`);
    yield `| ${where} | ${t(`dossier.class.${count.class}`)} | ${String(count.entries)} | ${t(`dossier.default.${count.default}`)} |\n`;
  }
  yield '\n';
}

/** One entry, for people. */
export function markdownEntry(entry: ShownEntry, t: Translate): string {
  const head = `## ${inMarkdown(entryTitle(entry))}\n\n${t(`dossier.class.${entry.class}`)} · ${inMarkdown(t.message(proofText(entry)))}\n\n`;
  const by = entry.by.map(markdownBy).join('\n');
  const statements = entry.statements.map((text) => `- ${inMarkdown(text)}\n`).join('');
  return `${head}${by}\n${statements}\n${markdownImages(entry, t)}`;
}

function markdownBy(one: LostTransaction): string {
  const thread = one.thread === null ? '' : ` · #${String(one.thread)}`;
  const invoker = one.invoker === null ? '' : ` · ${inMarkdown(one.invoker)}`;
  return `- \`${one.gtid}\` ${momentOf(one)}${thread}${invoker}${one.statements.map((text) => `\n  - ${inMarkdown(text)}`).join('')}`;
}

function markdownImages(entry: ShownEntry, t: Translate): string {
  const images = [entry.before, entry.after, entry.today];
  const names = columnsOf(entry);
  if (names.length === 0) return '';
  const lines = names.map((name) => `| ${[name, ...images.map((cells) => cellText(cellOf(cells, name)))].map(inMarkdown).join(' | ')} |\n`);
  const heads = (['before', 'after', 'today'] as const).map((one) => t(`dossier.image.${one}`)).join(' | ');
  return `| | ${heads} |\n|---|---|---|---|\n${lines.join('')}\n`;
}

/** The columns that any image of an entry has. */
function columnsOf({ before, after, today }: ShownEntry): readonly string[] {
  return [...new Set([before, after, today].flatMap((cells) => (cells ?? []).map(([column]) => column)))];
}

export function cellOf(cells: NamedCells | null, name: string): Cell | undefined {
  return cells?.find(([column]) => column === name)?.[1];
}

export const csvHead = 'database,table,class,default,proof,key,column,before,after,today,gtid,time\r\n';

/** One line for each column; an entry without any has one. */
export function csvEntry(entry: ShownEntry, t: Translate): string {
  const names = columnsOf(entry);
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
