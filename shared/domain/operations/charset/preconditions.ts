import { message, type Message } from '../../../i18n/message';
import type { Precondition } from '../../tasks/plan';
import type { Component } from './components';
import type { TableConversion } from './convert';
import { tableText, type TableFacts } from './facts';
import type { SuspiciousText } from './other-reading';
import type { PlannedTable, TableNotice, TableProblem } from './plan';

/** What a change of character sets comes to, before it is judged. */
export interface CharsetSet {
  readonly server: boolean;
  readonly databases: readonly string[];
  /** Routines, triggers and events of those databases. */
  readonly programs: number;
  readonly replicas: number;
  readonly tables: readonly (PlannedTable & { readonly facts: TableFacts; readonly conversion: TableConversion; readonly notices: readonly TableNotice[] })[];
  /** Views that cannot be read any more once their tables are converted, each with the collation that it names. */
  readonly views: readonly string[];
  readonly components: readonly Component[];
  readonly suspicious: readonly SuspiciousText[];
  /** Rights that the login lacks. */
  readonly missing: readonly string[];
}

const COLUMNS = 'SELECT … FROM information_schema.COLUMNS';
const defaultSql = 'SELECT … FROM information_schema.SCHEMATA';

/** What stands against a change, worst first, and what its user should know. */
export function preconditionsOf(set: CharsetSet): readonly Precondition[] {
  const found = [...refusals(set), ...warnings(set)];
  return found.some(({ status }) => status === 'fail') ? found : [...found, {
    id: 'foreseen', title: message('charset.precondition.foreseen'), status: 'pass', sql: COLUMNS, remedy: null,
    measured: message('charset.foreseen', { tables: set.tables.length }),
  }];
}

function refusals({ server, databases, tables, missing }: CharsetSet): readonly Precondition[] {
  const isNothing = !server && databases.length === 0 && tables.length === 0;
  return [
    ...(isNothing ? [fail('nothing', message('charset.precondition.nothing'), message('charset.nothing'), null, COLUMNS)] : []),
    ...(missing.length > 0 ? [fail('rights', message('charset.precondition.rights'), message('charset.rights', { rights: missing.join(', ') }), null,
      'SHOW GRANTS')] : []),
    ...tables.flatMap((table) => table.problems.map((problem, at) => fail(
      `${problem.kind}:${tableText(table)}:${at}`, message('charset.precondition.table', { table: tableText(table) }), problemText(problem),
        remedyOf(problem, table.facts),
      problemSql(problem),
    ))),
  ];
}

function fail(id: string, title: Message, measured: Message, remedy: Message | null, sql: string): Precondition {
  return { id, title, status: 'fail', measured, remedy, sql };
}

const problemSql = ({ kind }: TableProblem): string => (kind === 'duplicates' ? 'SELECT COUNT(*) … GROUP BY … HAVING COUNT(*) > 1'
  : ['not-in-charset', 'text-too-long', 'members', 'members-lost', 'default-lost', 'check'].includes(kind) ? 'SELECT SUM(…) FROM …' : 'SHOW CREATE TABLE …');

/** A problem in words, with the error that the server would give. */
function problemText(problem: TableProblem): Message {
  switch (problem.kind) {
    case 'column-too-long':
      return message('charset.problem.column-too-long', { column: problem.column, most: problem.most });
    case 'row-too-long':
    case 'page-too-small':
      return message(`charset.problem.${problem.kind}`, { bytes: problem.bytes, most: problem.most });
    case 'key-too-long':
      return message('charset.problem.key-too-long', { key: problem.key, bytes: problem.bytes, most: problem.most, errno: problem.errno });
    case 'expression':
      return message('charset.problem.expression', { collation: problem.collation });
    case 'duplicates':
      return message('charset.problem.duplicates', {
        key: problem.key, groups: problem.groups.length, more: problem.more ? 'yes' : 'no',
        values: problem.groups.slice(0, 5).map(({ values, rows }) => `${values.join(' = ')} (${rows})`).join('; '),
      });
    case 'members':
    case 'members-lost':
      return message(`charset.problem.${problem.kind}`, { column: problem.column, values: problem.values.join('; ') });
    case 'default-lost':
      return message('charset.problem.default-lost', { column: problem.column, value: problem.value });
    case 'check':
      return message('charset.problem.check', { check: problem.check, rows: problem.rows });
    case 'merge':
      return message('charset.problem.merge');
    case 'not-in-charset':
      return message('charset.problem.not-in-charset', { column: problem.column, rows: problem.rows, samples: problem.samples.join(' · ') });
    case 'text-too-long':
      return message('charset.problem.text-too-long', { column: problem.column, rows: problem.rows, most: problem.most });
    case 'reread':
      return message(`charset.problem.reread.${problem.reason}`, { column: problem.column });
  }
}

function remedyOf(problem: TableProblem, { rowFormat, engine }: TableFacts): Message | null {
  switch (problem.kind) {
    case 'key-too-long':
      return engine === 'InnoDB' && problem.most === 767
        ? message(rowFormat === 'COMPACT' || rowFormat === 'REDUNDANT' ? 'charset.remedy.row-format' : 'charset.remedy.large-prefix')
        : message('charset.remedy.shorten-key');
    case 'column-too-long':
    case 'row-too-long':
    case 'page-too-small':
      return message('charset.remedy.to-text');
    case 'expression':
      return message('charset.remedy.expression');
    case 'duplicates':
      return message('charset.remedy.duplicates');
    case 'text-too-long':
      return message('charset.remedy.longer-type');
    case 'not-in-charset':
      return message('charset.remedy.not-in-charset');
    case 'members':
    case 'members-lost':
    case 'default-lost':
    case 'check':
    case 'reread':
      return message('charset.remedy.leave-out');
    case 'merge':
      return message('charset.remedy.merge');
  }
}

function warnings(set: CharsetSet): readonly Precondition[] {
  const { tables, components, suspicious, databases, programs, replicas } = set;
  const copied = tables.filter(({ algorithm }) => algorithm === 'copy');
  const along = tables.filter((one) => one.along);
  const bound = components.filter((one) => one.bound);
  const coarser = tables.flatMap(({ conversion, ...table }) => conversion.columns
    .filter(({ from, to }) => /_cs$|_bin$/.test(from) && !/_cs$|_bin$/.test(to)).map(({ name }) => `${tableText(table)}.${name}`));
  const partitioned = tables.filter(({ facts }) => facts.partitioned && /COLUMNS\s*\(/i.test(facts.definition));
  return [
    ...(copied.length === 0 ? [] : [warn('copy', message('charset.precondition.copy'), message('charset.copy', {
      tables: copied.length, megabytes: Math.ceil(Math.max(...copied.map(({ bytes }) => bytes)) / 1_048_576),
    }), COLUMNS)]),
    ...(bound.length === 0 ? [] : [warn('bound', message('charset.precondition.bound'), message('charset.bound', {
      tables: bound.flatMap((one) => one.tables.map(tableText)).join(', '),
    }), 'SELECT … FROM information_schema.KEY_COLUMN_USAGE')]),
    ...(along.length === 0 ? [] : [warn('along', message('charset.precondition.along'), message('charset.along', { tables: along.map(tableText).join(', ') }),
      COLUMNS)]),
    ...suspicious.map((one) => warn(`suspicious:${tableText(one)}.${one.column}`,
      message('charset.precondition.suspicious', { column: `${tableText(one)}.${one.column}` }),
      message('charset.suspicious', { looked: one.looked, suspicious: one.suspicious,
        samples: one.samples.map(({ kept, other }) => `${kept} → ${other}`).join(' · ') }),
      'SELECT … LIMIT 500')),
    ...(coarser.length === 0 ? [] : [warn('coarser', message('charset.precondition.coarser'), message('charset.coarser', { columns: coarser.join(', ') }),
      COLUMNS)]),
    ...(['computed', 'trailing'] as const).flatMap((kind) => noticed(tables, kind)),
    ...(set.views.length === 0 ? [] : [warn('views', message('charset.precondition.views'), message('charset.views', { views: set.views.join(', ') }),
      'SELECT … FROM information_schema.VIEWS')]),
    ...(partitioned.length === 0 ? [] : [warn('partitioned', message('charset.precondition.partitioned'), message('charset.partitioned',
      { tables: partitioned.map(tableText).join(', ') }), COLUMNS)]),
    ...(databases.length === 0 ? [] : [warn('programs', message('charset.precondition.programs'), message('charset.programs', { count: programs }),
      defaultSql)]),
    ...(replicas === 0 || tables.length === 0 ? [] : [warn('replicas', message('charset.precondition.replicas'), message('charset.replicas',
      { count: replicas }), 'SHOW REPLICAS')]),
  ];
}

function noticed(tables: CharsetSet['tables'], kind: TableNotice['kind']): readonly Precondition[] {
  const found = tables.flatMap(({ notices, ...table }) => notices.filter((one) => one.kind === kind)
    .map(({ column, rows }) => `${tableText(table)}.${column} (${rows ?? '?'})`));
  return found.length === 0 ? [] : [warn(kind, message(`charset.precondition.${kind}`), message(`charset.${kind}`, { columns: found.join(', ') }),
    'SELECT SUM(…) FROM …')];
}

function warn(id: string, title: Message, measured: Message, sql: string): Precondition {
  return { id, title, status: 'warn', measured, remedy: null, sql };
}
