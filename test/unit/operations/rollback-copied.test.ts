// Rows that come back from a copy: known by what the server printed, written only as long as the copy has them; readings that are given up end.
import { describe, expect, it } from 'vitest';
import type { Cell, Image } from '../../../shared/domain/binlog/cell';
import { Failure, failure } from '../../../shared/errors/codes';
import type { TodayColumn, TodayTable } from '../../../electron/comparison/logged/tables-today';
import { copyBackSql } from '../../../electron/operations/rollback/copy-back';
import { untilGivenUp } from '../../../electron/operations/rollback/given-up';

const image = (cells: Readonly<Record<string, Cell>>): Image => new Map(Object.entries(cells));
const column = (name: string, kind: 'number' | 'json'): TodayColumn => ({ name, form: { kind, charset: null }, select: name, isGenerated: false });
const tableOf = (table: string): TodayTable => ({
  database: 'd', table, columns: new Map([['id', column('id', 'number')], ['doc', column('doc', 'json')], ['n', column('n', 'number')]]),
  key: ['id'], kinds: new Map([['id', 'number'], ['doc', 'json'], ['n', 'number']]), uniques: [], parents: [], children: [], triggers: new Set(),
});
const pair = { original: tableOf('t'), copy: tableOf('t_back') };
const [now, back] = [image({ id: '1', doc: '{"a": 1}', n: '2' }), image({ id: '1', doc: '{"a": 3}', n: '4' })];
const printed = (text: string): string => `CAST(CONVERT(\`doc\` USING utf8mb4) AS BINARY) <=> X'${Buffer.from(text).toString('hex').toUpperCase()}'`;
const [nowSql, backSql] = [
  `\`id\` = 1 AND \`id\` <=> 1 AND ${printed('{"a": 1}')} AND \`n\` <=> 2`, `\`id\` = 1 AND \`id\` <=> 1 AND ${printed('{"a": 3}')} AND \`n\` <=> 4`,
];

describe('the statement of a row that is copied back', () => {
  it('knows the row by its documents as the server printed them', () => {
    expect(copyBackSql(pair, { kind: 'delete', found: now }, null)).toBe(`DELETE FROM \`d\`.\`t\` WHERE ${nowSql}`);
    expect(copyBackSql(pair, { kind: 'update', found: now, set: image({ n: '4' }) }, back)).toBe(`UPDATE \`d\`.\`t\` SET \`n\` = 4 WHERE ${nowSql}`);
  });

  it('takes documents of the copy only while the copy has the row as it was read', () => {
    expect(copyBackSql(pair, { kind: 'update', found: now, set: image({ doc: '{"a": 3}' }) }, back)).toBe(
      `UPDATE \`d\`.\`t\` SET \`doc\` = (SELECT \`doc\` FROM \`d\`.\`t_back\` WHERE \`id\` = 1) WHERE ${nowSql}`
      + ` AND EXISTS (SELECT 1 FROM \`d\`.\`t_back\` WHERE ${backSql})`);
    expect(copyBackSql(pair, { kind: 'insert', row: back }, back)).toBe(
      `INSERT INTO \`d\`.\`t\` (\`id\`, \`doc\`, \`n\`) SELECT \`id\`, \`doc\`, \`n\` FROM \`d\`.\`t_back\` WHERE ${backSql}`);
  });
});

describe('a reading of whole tables', () => {
  const sessionOf = () => {
    const session = { label: 'east', ends: 0, end: (): Promise<void> => { session.ends += 1; return Promise.resolve(); } };
    return session;
  };
  const codeOf = (thrown: unknown): string => (thrown instanceof Failure ? thrown.error.code : String(thrown));

  it('ends at the server as it is cancelled, while it reads', async () => {
    const [session, controller] = [sessionOf(), new AbortController()];
    const read = untilGivenUp([session], controller.signal, async () => {
      controller.abort();
      expect(session.ends).toBe(1);
      return Promise.reject(failure('query-timeout', { seconds: 1 }));
    });
    expect(await read.catch(codeOf)).toBe('cancelled');
  });

  it('ends there past its limit, and not where it fails otherwise, or does not', async () => {
    const session = sessionOf();
    expect(await untilGivenUp([session], undefined, () => Promise.resolve('read'))).toBe('read');
    expect(await untilGivenUp([session], undefined, () => Promise.reject(failure('not-found', { kind: 'table', name: 't' }))).catch(codeOf)).toBe('not-found');
    expect(session.ends).toBe(0);
    expect(await untilGivenUp([session], undefined, () => Promise.reject(failure('query-timeout', { seconds: 1 }))).catch(codeOf)).toBe('query-timeout');
    expect(session.ends).toBe(1);
  });
});
