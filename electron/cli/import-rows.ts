// `import FILE --table DB.TABLE`: rows of a file (CSV, TSV) brought into a table.
import { basename } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import {
  decimalMarks, delimiterPattern, escapeWays, lineEnds, rowEncodings, type DecimalMark, type EscapeWay, type LineEnd, type QuoteMark, type RowEncoding,
  type RowsFormWish, type RowsInspection,
} from '../../shared/domain/operations/import/rows/form';
import { rowModes, type RowMode, type RowsPlan } from '../../shared/domain/operations/import/rows/plan';
import type { ImportErrorWay } from '../../shared/domain/operations/import/plan';
import { failure } from '../../shared/errors/codes';
import { choice, parseScope } from './arguments';
import type { Run } from './run';

/** What is said of rows; nothing of it means a file of statements. */
export interface RowsOptions {
  table?: readonly [database: string, table: string];
  format?: 'csv' | 'tsv';
  delimiter?: string;
  quote?: QuoteMark | 'none';
  escape?: EscapeWay;
  encoding?: RowEncoding;
  lineEnd?: LineEnd;
  header?: boolean;
  columns?: readonly (string | null)[];
  hex?: readonly string[];
  null?: readonly string[];
  decimal?: DecimalMark;
  mode?: RowMode;
}

/** Adds the options of rows. */
export function rowsOptions(command: Command): Command {
  return command.option('--table <db.table>', '', tableName).option('--format <name>', '', choice(['csv', 'tsv'] as const))
    .option('--delimiter <character>', '', delimiter).option('--quote <mark>', '', quoteMark).option('--escape <way>', '', choice(escapeWays))
    .option('--encoding <name>', '', choice(rowEncodings)).option('--line-end <name>', '', choice(lineEnds)).option('--header').option('--no-header')
    .option('--columns <names>', '', columnNames).option('--hex <columns>', '', names)
    .option('--null <text>', '', (text: string, before: readonly string[] = []) => [...before, text])
    .option('--decimal <mark>', '', choice(decimalMarks)).option('--mode <way>', '', choice(rowModes));
}

function tableName(text: string): readonly [string, string] {
  const scope = parseScope(text);
  const [one, ...more] = scope.kind === 'partial' ? scope.databases : [];
  const [table, ...others] = one?.tables ?? [];
  if (one === undefined || table === undefined || more.length + others.length > 0) throw new InvalidArgumentError('db.table');
  return [one.database, table];
}

const delimiterNames: Readonly<Record<string, string>> = { tab: '\t', '\\t': '\t', comma: ',', semicolon: ';', pipe: '|' };

function delimiter(text: string): string {
  const character = delimiterNames[text] ?? text;
  if (!delimiterPattern.test(character)) throw new InvalidArgumentError(`${Object.keys(delimiterNames).join(' | ')} | …`);
  return character;
}

function quoteMark(text: string): QuoteMark | 'none' {
  const mark = ({ '"': '"', double: '"', "'": "'", single: "'", none: 'none' } as const)[text];
  if (mark === undefined) throw new InvalidArgumentError('double | single | none');
  return mark;
}

const names = (text: string): readonly string[] => text.split(',').map((name) => name.trim());

/** Names by commas, a field that is left out as `-`. */
function columnNames(text: string): readonly (string | null)[] {
  return text.split(',').map((name) => (name.trim() === '-' ? null : name.trim()));
}

/** Whether any of the options is given that only rows have. */
export function speaksOfRows(options: RowsOptions): boolean {
  const { table, format, delimiter: between, quote, escape, encoding, lineEnd, header, columns, hex, null: nulls, decimal, mode } = options;
  return [table, format, between, quote, escape, encoding, lineEnd, header, columns, hex, nulls, decimal, mode].some((option) => option !== undefined);
}

/** What is chosen of the form. */
function wishOf({ format, delimiter: between, quote, escape, encoding, lineEnd, header, null: nulls, decimal }: RowsOptions): RowsFormWish {
  const chosen = between ?? (format === 'tsv' ? '\t' : undefined);
  return {
    ...(chosen === undefined ? {} : { delimiter: chosen }), ...(quote === undefined ? {} : { quote: quote === 'none' ? null : quote }),
    ...(escape === undefined ? {} : { escape }), ...(encoding === undefined ? {} : { encoding }), ...(lineEnd === undefined ? {} : { lineEnd }),
    ...(header === undefined ? {} : { header }), ...(nulls === undefined ? {} : { nulls }), ...(decimal === undefined ? {} : { decimal }),
  };
}

/** Looks at the file and plans; what was found and not chosen is said in the plan. */
export async function planRows(
  run: Run, instanceId: string, path: string, options: RowsOptions & { readonly onError: ImportErrorWay; readonly fromByte: number },
): Promise<{ readonly plan: RowsPlan; readonly found: RowsInspection }> {
  const { table: target, columns, hex, mode = 'insert', onError, fromByte } = options;
  if (target === undefined) throw failure('invalid-input', { field: '--table', reason: 'db.table' });
  const [database, table] = target;
  const found = await run.call('import.inspect', { instanceId, path, database, table, form: wishOf(options) }, run.signal);
  const { progress, t } = run.out;
  if (found.confidence === 'guess' && options.encoding === undefined) {
    progress(t('import.terminal.guess', { encoding: found.form.encoding, file: basename(path) }));
  }
  // Without the table there is nothing to map to: the plan says that it is not there.
  const mapping = columns ?? (found.columns === null ? Array.from({ length: Math.max(1, found.width) }, () => null) : found.mapping);
  const plan = await run.call('import.planRows', {
    instanceId, path, database, table, form: found.form, guessed: found.guessed, mapping, mode, onError, fromByte, ...(hex === undefined ? {} : { hex }),
  }, run.signal);
  return { plan, found };
}

const inBackticks = (name: string): string => `\`${name.replaceAll('`', '``')}\``;

/** The options as they were given, for the process that goes on with them. */
export function argumentsOfRows(options: RowsOptions): readonly string[] {
  const { table, format, delimiter: between, quote, escape, encoding, lineEnd, header, columns, hex, null: nulls, decimal, mode } = options;
  const plain: readonly (readonly [string, string | undefined])[] = [
    ['--table', table?.map(inBackticks).join('.')], ['--format', format], ['--delimiter', between], ['--quote', quote], ['--escape', escape],
    ['--encoding', encoding], ['--line-end', lineEnd], ['--columns', columns?.map((name) => name ?? '-').join(',')], ['--decimal', decimal], ['--mode', mode],
    ['--hex', hex?.join(',')],
  ];
  return [
    ...plain.flatMap(([option, value]) => (value === undefined ? [] : [`${option}=${value}`])), ...(nulls ?? []).map((text) => `--null=${text}`),
    ...(header === undefined ? [] : [header ? '--header' : '--no-header']),
  ];
}
