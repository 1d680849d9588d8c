import { describe, expect, it } from 'vitest';
import { readNames } from '../../../electron/operations/sql/names';
import { databasesOf, optionsFor, typedAt } from '../../../shared/domain/operations/sql/completion';
import { mostNames, nameInText, type SchemaNames } from '../../../shared/domain/operations/sql/names';
import { tokensIn, valueOf } from '../../../shared/domain/sql/tokens';
import { failure } from '../../../shared/errors/codes';
import { fakeSession } from '../../fixtures/fake-session';

const databases = ['shop', 'crm', 'odd`; DROP TABLE t; --'];
const shop: SchemaNames = {
  databases, more: false,
  tables: [{ name: 'orders', columns: ['id', 'note', 'order'] }, { name: 'order', columns: ['key'] }, { name: 'a`; DROP DATABASE shop; --', columns: ['x y'] }],
};
const crm: SchemaNames = { databases, more: false, tables: [{ name: 'people', columns: ['Name'] }] };
const names = new Map([['shop', shop], ['crm', crm]]);

/** What is offered where the mark stands. */
function offered(marked: string, database: string | null = 'shop'): readonly string[] | null {
  const at = marked.indexOf('|');
  const typed = typedAt(marked.replace('|', ''), at);
  return typed === null ? null : optionsFor(typed, names, databases, typed.database ?? database).map(({ text }) => text);
}

describe('what may stand where something is typed', () => {
  it.each<[string, readonly string[]]>([
    ['SELECT o.| FROM orders o', ['id', 'note', '`order`']], ['SELECT o.n| FROM orders AS o JOIN crm.people p ON p.', ['id', 'note', '`order`']],
    ['SELECT 1 FROM orders o JOIN crm.people p ON p.|', ['Name']], ['SELECT ORDERS.| FROM orders', ['id', 'note', '`order`']],
    ['SELECT * FROM crm.|', ['people']], ['SELECT crm.people.|', ['Name']], ['SELECT `crm`.`people`.|', ['Name']], ['SELECT * FROM crm.`|', ['`people`']],
    ['SELECT 1; UPDATE orders SET | WHERE id = 1; SELECT 2 FROM crm.people', ['id', 'note', '`order`', 'orders', '`order`', '`a``; DROP DATABASE shop; --`', 'shop', 'crm', '`odd``; DROP TABLE t; --`']],
    ['UPDATE LOW_PRIORITY IGNORE crm.people p SET p.|', ['Name']], ['SELECT * FROM (orders AS o JOIN crm.people) WHERE o.|', ['id', 'note', '`order`']],
    ['DELETE o FROM orders o WHERE o.|', ['id', 'note', '`order`']], ['INSERT INTO crm.people (people.|', ['Name']],
    ['USE crm; SELECT * FROM p|', ['people', 'shop', 'crm', '`odd``; DROP TABLE t; --`']], ['SELECT nowhere.|', []], ['SELECT a.b.c|', []],
  ])('%s', (text, expected) => expect(offered(text)).toEqual(expected));

  it.each(["SELECT 'it|", 'SELECT 1 -- o|', 'SELECT /* o| */ 1', 'SELECT @o|', 'SELECT @@session.|', 'SELECT 12|', 'SELECT `orders`|', 'SELECT a.b.c.|', 'SELECT "a|"'])('nothing in %s', (text) => {
    expect(offered(text)).toBeNull();
  });

  it('without a database there are databases alone', () => {
    expect(offered('SELECT * FROM |', null)).toEqual(['shop', 'crm', '`odd``; DROP TABLE t; --`']);
    expect(typedAt('x'.repeat(200_001), 5)).toBeNull();
  });

  // HeidiSQL#6: a name that is already quoted gets its quotes twice.
  it('takes the place of a quote that is there already', () => {
    expect(typedAt('SELECT `no` FROM orders', 10)).toMatchObject({ from: 7, to: 11, isQuoted: true });
    expect(typedAt('SELECT no FROM orders', 9)).toMatchObject({ from: 7, to: 9, isQuoted: false });
  });

  it('asks for the names of no more databases than a statement means', () => {
    const typed = typedAt('SELECT  FROM CRM.people, shop.orders, nowhere.t', 7);
    expect(typed === null ? null : databasesOf(typed, databases)).toEqual(['crm', 'shop']);
  });
});

it.each(['orders', 'order', 'Rank', '1a', 'a b', 'a`b', '`', '数据', 'a\nb', "a'b", 'a"b', '--', '/*', 'a;b', '$x', 'select'])('the name %j is one name in a text, and the same', (name) => {
  const tokens = tokensIn(nameInText(name));
  expect([tokens.length, tokens[0] === undefined ? '' : valueOf(tokens[0]), tokens[0]?.closed]).toEqual([1, name, true]);
});

describe('names of a server', () => {
  const tables = [{ name: 'b' }, { name: 'a' }];
  it('are read with three statements at most, columns in their order', async () => {
    const sent: string[] = [];
    const session = fakeSession('orders', (sql) => {
      sent.push(sql);
      if (sql.includes('SCHEMATA')) return [{ name: 'shop' }];
      return sql.includes('COLUMNS') ? [{ of: 'a', name: 'second', place: '2' }, { of: 'a', name: 'first', place: '1' }, { of: 'gone', name: 'x', place: 1 }] : tables;
    });
    expect(await readNames(session, 'shop')).toEqual({ databases: ['shop'], tables: [{ name: 'b', columns: [] }, { name: 'a', columns: ['first', 'second'] }], more: false });
    expect(sent).toHaveLength(3);
    expect(await readNames(session, null)).toEqual({ databases: ['shop'], tables: [], more: false });
    expect(sent).toHaveLength(4);
  });

  it('are bounded, and said to be more; columns that took too long are left out, other failures are told', async () => {
    const many = Array.from({ length: mostNames + 1 }, (_, at) => ({ name: `t${String(at)}` }));
    const late = failure('query-timeout', { seconds: 3 });
    const session = (thrown: Error) => fakeSession('orders', (sql) => { if (sql.includes('COLUMNS')) throw thrown; return many; });
    const found = await readNames(session(late), 'shop');
    expect([found.databases.length, found.tables.length, found.more]).toEqual([mostNames, mostNames, true]);
    await expect(readNames(session(failure('privilege-missing', { privilege: 'SELECT' })), 'shop')).rejects.toMatchObject({ error: { code: 'privilege-missing' } });
  });
});
