import { message } from '../../i18n/message';
import type { MissingObject } from './check';
import { atLeast } from '../fleet/version';
import { folding, isUserDatabase, type Coverage } from './coverage';
import { defineCheck, passed, skipped, type CheckOutcome } from './define';
import { coverageAt, nameOf, partialOnly } from './objects-scope';
import { referencesIn } from './references';
import { numberOf } from './variables';
import type { HistoryRow, ServerReading, StatementReading, TableReading } from './facts';

/**
 * The writing statements of each transaction that a history tells, at least two of them. With autocommit off a
 * transaction begins inside its first statement, which is therefore not nested in it: the transaction's own row says
 * whose it is. What programs run shows no text there; `obj.view` reads their bodies. Manual: "Performance Schema
 * Transaction Tables".
 */
export function transactionsIn(rows: readonly HistoryRow[]): readonly (readonly StatementReading[])[] {
  const begunBy = new Map(rows.flatMap(({ kind, thread, event, nestedIn }) => (kind === 'transaction' && nestedIn?.kind === 'statement'
    ? [[`${thread}:${nestedIn.event}`, event] as const]
    : [])));
  const found = new Map<string, StatementReading[]>();
  for (const { thread, event, nestedIn, statement } of rows) {
    if (statement === null) continue;
    const transaction = nestedIn?.kind === 'transaction' ? nestedIn.event : begunBy.get(`${thread}:${event}`);
    const id = `${thread}:${transaction ?? ''}`;
    if (transaction !== undefined) found.set(id, [...(found.get(id) ?? []), statement]);
  }
  return [...found.values()].filter((parts) => parts.length > 1);
}

interface Touched {
  readonly inside: boolean;
  readonly outside: readonly { readonly database: string; readonly table: string }[];
}

/** What the statements of a server touch on either side of the scope's border. Only names of tables that exist count. */
function touching(server: ServerReading, tables: readonly TableReading[], coverage: Coverage): (statements: readonly StatementReading[]) => Touched {
  const fold = folding(numberOf(server, 'lower_case_table_names'));
  const known = new Map(tables
    .filter(({ database }) => isUserDatabase(database, server.version))
    .map(({ database, name }) => [fold(`${database}.${name}`), { database, table: name }]));
  return (statements) => {
    const named = statements.flatMap(({ database, text }) =>
      referencesIn(text).flatMap((reference) => {
        const home = reference.database ?? database;
        const table = home === null ? undefined : known.get(fold(`${home}.${reference.name}`));
        return table === undefined ? [] : [table];
      }));
    const outside = named.filter(({ database, table }) => !coverage.table(database, table));
    return { inside: outside.length < named.length, outside };
  };
}

/** Kinds of transaction: the same statements in any order, and how often they were seen. */
function kindsOf(transactions: readonly (readonly StatementReading[])[]): readonly { readonly parts: readonly StatementReading[]; readonly count: number }[] {
  const kinds = new Map<string, { parts: readonly StatementReading[]; count: number }>();
  for (const transaction of transactions) {
    const parts = [...new Map(transaction.map((part) => [`${part.database ?? ''}\0${part.text}`, part])).entries()].sort(([a], [b]) => (a < b ? -1 : 1));
    const key = parts.map(([text]) => text).join('\0\0');
    kinds.set(key, { parts: parts.map(([, part]) => part), count: (kinds.get(key)?.count ?? 0) + 1 });
  }
  return [...kinds.values()];
}

const shownParts = 6;

function transactionText(parts: readonly StatementReading[]): string {
  const texts = parts.slice(0, shownParts).map(({ database, text }) => (database === null ? text : `[${database}] ${text}`));
  return `${texts.join('; ')}${parts.length > shownParts ? '; …' : ''}`;
}

/** The server can tell which statements ran in one transaction, but does not collect it. */
function uncollected(server: ServerReading, count: number): CheckOutcome {
  if (!atLeast(server.version, 5, 7, 3)) return skipped(message('checks.obj.crossdb.half-old', { count }));
  const sql = [
    "UPDATE performance_schema.setup_consumers SET ENABLED = 'YES' "
      + "WHERE NAME IN ('events_statements_history', 'events_transactions_current', 'events_transactions_history')",
    "UPDATE performance_schema.setup_instruments SET ENABLED = 'YES' WHERE NAME = 'transaction'",
  ];
  return { ...skipped(message('checks.obj.crossdb.half', { count })), remedy: { on: 'source', sql, text: message('checks.obj.crossdb.fix-collect') } };
}

export const crossdbChecks = [
  defineCheck({
    id: 'obj.crossdb', group: 'objects', level: 'warn', needs: ['sourceServer', 'sourceTables', 'sourceDigests', 'sourceHistory'],
    applies: partialOnly,
    decide: ({ sourceServer, sourceTables, sourceDigests, sourceHistory }, { scope }) => {
      if (!sourceDigests.available) return skipped(message('checks.obj.crossdb.no-digests'));
      const touched = touching(sourceServer, sourceTables, coverageAt(sourceServer, scope));
      const crosses = (statements: readonly StatementReading[]): boolean => {
        const { inside, outside } = touched(statements);
        return inside && outside.length > 0;
      };
      const alone = sourceDigests.statements.filter((statement) => crosses([statement]));
      const transactions = sourceHistory === null ? [] : transactionsIn(sourceHistory);
      // What crosses the border by itself is in the list of statements already.
      const together = kindsOf(transactions).filter(({ parts }) => crosses(parts) && !parts.some((part) => crosses([part])));
      const counts = { count: alone.length, transactions: together.length };
      if (counts.count + counts.transactions > 0) {
        const items = [...alone.map(({ text, count }) => `${count} × ${text}`), ...together.map(({ parts, count }) => `${count} × ${transactionText(parts)}`)];
        const outside = [...alone.flatMap((statement) => touched([statement]).outside), ...together.flatMap(({ parts }) => touched(parts).outside)];
        const addToScope: readonly MissingObject[] = [...new Map(outside.map((table) => [nameOf(table), table])).values()];
        return {
          status: 'warn', measured: message('checks.obj.crossdb.found', { ...counts, list: items[0] ?? '' }), items,
          remedy: { text: message('checks.obj.crossdb.fix'), addToScope },
        };
      }
      if (sourceHistory === null) return uncollected(sourceServer, sourceDigests.statements.length);
      return passed(message('checks.obj.crossdb.none', { count: sourceDigests.statements.length, transactions: transactions.length }));
    },
  }),
];
