// What the terminal prints of results: rows beneath each other, and one row whose values have lines of their own as a whole.
import { describe, expect, it } from 'vitest';
import { terminalTranslator } from '../../../electron/cli/output';
import { reportText } from '../../../electron/cli/sql-text';
import type { ResultSet, SqlRow, StatementReport } from '../../../shared/domain/operations/sql/run';

function printed(names: readonly string[], ...rows: readonly SqlRow[]): readonly string[] {
  const result: ResultSet = { columns: names.map((name) => ({ name, type: 'TEXT' })), table: null, rows, more: false, cut: 0, kept: null };
  const one: StatementReport = {
    line: 1, sql: 'SHOW x', kind: 'read', state: 'done', results: [result], resultsLeft: 0, affectedRows: null, insertId: null, info: '', warnings: [], warningsUnread: false,
    ms: 1, error: null, gtid: null,
  };
  const report = { instanceId: 'i', name: 'orders', statements: [one], rolledBack: false, error: null, modes: {}, unremembered: null };
  return reportText(terminalTranslator('en'), report).split('\n').slice(1);
}

describe('results at the terminal', () => {
  const definition = `CREATE TABLE t (\n${Array.from({ length: 40 }, (_, at) => `  c${String(at)} INT`).join(',\n')}\n)`;

  it('a definition, or a plan, is one row and is shown whole, line by line', () => {
    expect(printed(['Table', 'Create Table'], ['t', definition])).toEqual(['Table: t', 'Create Table:', ...definition.split('\n'), '1 row, 1 ms']);
    expect(printed(['EXPLAIN', 'n'], ['-> a\r\n    -> b\n', null])).toEqual(['EXPLAIN:', '-> a', '    -> b', 'n: NULL', '1 row, 1 ms']);
    expect(printed(['v'], ['x'.repeat(300)])).toEqual([`v: ${'x'.repeat(300)}`, '1 row, 1 ms']);
  });

  it('rows stand beneath each other; what is shortened there is counted', () => {
    expect(printed(['a', 'b'], ['1', 'x'])).toEqual(['a  b', '1  x', '1 row, 1 ms']);
    expect(printed(['v'], ['x'.repeat(300)], ['a\nb'])).toEqual(['v', `${'x'.repeat(199)}…`, 'a\\nb', '2 rows, 1 ms; 1 value is shortened here: --json has them whole']);
  });
});

describe('what was written, at the terminal', () => {
  const gtid = '620f3520-3f71-4793-9d1a-12ee08b3eb90:7';
  const written = (change: Partial<StatementReport>): StatementReport => ({
    line: 1, sql: 'UPDATE t SET a = 1', kind: 'write', state: 'done', results: [], resultsLeft: 0, affectedRows: 1, insertId: null, info: '', warnings: [], warningsUnread: false,
    ms: 1, error: null, gtid, ...change,
  });
  const told = (...statements: readonly StatementReport[]): readonly string[] => reportText(
    terminalTranslator('en'), { instanceId: 'i', name: "dba's", statements, rolledBack: false, error: null, modes: {}, unremembered: null },
  ).split('\n').filter((line) => line.includes('rollback undo'));

  it('ends with the command that takes it back, once for each transaction', () => {
    expect(told(written({}), written({ kind: 'unbounded-write' }))).toEqual([expect.stringContaining(`antipode rollback undo 'dba'\\''s' ${gtid}`)]);
  });

  it('has none where there is no transaction to take back, or none that it is known by', () => {
    expect(told(written({ gtid: null }), written({ affectedRows: 0 }), written({ kind: 'ddl', affectedRows: null }))).toEqual([]);
  });
});
