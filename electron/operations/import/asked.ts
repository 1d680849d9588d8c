// What is asked about before a file is imported, the worst first: by kind, how often, where first, and what of the server's it reaches.
import type { FileScan, LostTable, Reached } from '../../../shared/domain/operations/import/plan';
import type { ObjectName } from '../../../shared/domain/operations/import/verdict';
import type { Precondition } from '../../../shared/domain/tasks/plan';
import { message, type Message } from '../../../shared/i18n/message';
import type { Present, Reaching } from './present';

/** Conditions of which each needs the word. */
export const askedPrefix = 'asked-';

/** The first names of a list. */
export const named = (names: readonly string[]): string => `${names.slice(0, 10).join(', ')}${names.length > 10 ? ', …' : ''}`;
/** A name with its database. */
export const nameOf = ({ database, table }: ObjectName): string => (table === null ? database : `${database}.${table}`);

/** One condition for each kind of thing that is asked about. */
export function askedConditions(scan: FileScan, reaching: Reaching, present: Present): readonly Precondition[] {
  const { lost, databases, programs, altered, elsewhere, drops } = reaching;
  const tables = drops.filter(({ table, kind }) => table !== null && (kind === 'TABLE' || kind === 'VIEW'));
  return [
    ...databases.map((one) => asked(`database-${one.database}`, message('import.precondition.databases'), message('import.precondition.databases.dropped', {
      name: one.database, tables: one.tables, views: one.views, routines: one.routines, triggers: one.triggers, events: one.events, line: one.line,
      statement: one.statement,
    }))),
    ...lossCondition(lost, tables, tables[0] ?? databases[0]),
    ...listCondition('programs', message('import.precondition.programs'), programs, present),
    ...scan.harms.filter(({ why }) => isWorst.has(why)).map((harm) => harmCondition(harm, present)),
    ...listCondition('alters', message('import.harm.alters'), altered, present),
    ...listCondition('elsewhere', message('import.harm.elsewhere'), elsewhere, present),
    ...scan.harms.filter(({ why }) => !isWorst.has(why)).map((harm) => harmCondition(harm, present)),
  ];
}

const isWorst: ReadonlySet<FileScan['harms'][number]['why']> = new Set(['renames', 'part', 'every-row']);

function asked(id: string, title: Message, measured: Message): Precondition {
  return { id: `${askedPrefix}${id}`, title, sql: '', status: 'warn', measured, remedy: null };
}

/** Tables that go; also those of which only a name is known, that a table may have by then. */
function lossCondition(lost: readonly LostTable[], drops: readonly Reached[], first: Reached | undefined): readonly Precondition[] {
  const names = [...new Set([...lost, ...drops].map(nameOf))];
  if (names.length === 0 || first === undefined) return [];
  const [rows, bytes] = [lost.reduce((sum, one) => sum + one.rows, 0), lost.reduce((sum, one) => sum + one.bytes, 0)];
  return [asked('loss', message('import.precondition.loss'), message('import.precondition.loss.tables', {
    count: names.length, names: named(names), rows, bytes, line: first.line, statement: first.statement,
  }))];
}

function listCondition(id: string, title: Message, reached: readonly Reached[], present: Present): readonly Precondition[] {
  const [first] = reached;
  if (first === undefined) return [];
  const count = reached.reduce((sum, one) => sum + one.count, 0);
  const { line, statement } = first;
  return [asked(id, title, message('import.precondition.asked', { count, line, statement, ...reachedOf(reached, present) }))];
}

function harmCondition({ why, count, line, statement, objects }: FileScan['harms'][number], present: Present): Precondition {
  return asked(why, message(`import.harm.${why}`), message('import.precondition.asked', { count, line, statement, ...reachedOf(objects, present) }));
}

/** The names that are reached, with the rows that are there under them. */
function reachedOf(objects: readonly ObjectName[], { tables }: Present): { readonly has: 'yes' | 'no'; readonly names: string; readonly rows: number } {
  const names = new Set(objects.map(nameOf));
  const rows = tables.filter((known) => names.has(nameOf(known))).reduce((sum, one) => sum + one.rows, 0);
  return { has: names.size === 0 ? 'no' : 'yes', names: named([...names]), rows };
}
