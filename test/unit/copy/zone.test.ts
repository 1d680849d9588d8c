import { describe, expect, it } from 'vitest';
import { parseServerVersion } from '../../../shared/domain/fleet/version';
import { columnsInZone, dependsOnZone, expressionSql, isCheckedInZone, isKeptInZone, makesDates } from '../../../electron/copy/rows/zone';

const columns = [
  ['sec', 'bigint'], ['ms', 'bigint'], ['at', 'datetime'], ['day', 'date'], ['time', 'time'], ['doc', 'json'], ['text', 'varchar'], ['from_unixtime', 'int'], ['datetime', 'int'],
  ['moment', 'timestamp'],
].map(([name = '', type = '']) => ({ name, type, expression: null }));
const version = parseServerVersion('9.7.0');
const asks = (expression: string, type: string, more: readonly (readonly [string, string, string])[] = [], on = version): boolean =>
  columnsInZone(on, [{ name: 'it', type, expression }, ...columns, ...more.map(([name, kind, how]) => ({ name, type: kind, expression: how }))]).has('it');

describe('what is computed under the zone of a session', () => {
  it.each([
    ['from_unixtime(`sec`)', 'datetime'], ['cast(FROM_UNIXTIME((`ms` / 1000)) as date)', 'date'], ['unix_timestamp(`at`)', 'bigint'],
    ["convert_tz(`at`,'SYSTEM','UTC')", 'datetime'], ['timestamp(`day`,`time`)', 'datetime'], ["cast(json_unquote(json_extract(`doc`,'$.at')) as datetime(6))", 'datetime'],
    ["json_value(`doc`, '$.at' returning datetime)", 'datetime'], ['convert(`text`, datetime)', 'varchar'],
    // A text may name an offset, wherever it is made a time.
    ["json_unquote(json_extract(`doc`,_utf8mb4'$.at'))", 'datetime'], ['`text`', 'date'], ['date_format(`text`,_utf8mb4\'%Y\')', 'varchar'], ['(`text` + interval 1 day)', 'varchar'],
    ["cast(json_unquote(json_extract(`doc`,'$.at')) as date)", 'varchar'], ['if((`text` > `at`),1,0)', 'int'],
    ['`at`', 'timestamp'], ['(`at` + interval 1 day)', 'timestamp'], ["(`text` >= TIMESTAMP'2020-01-01 00:00:00')", 'tinyint'], ["(`doc` >= DATE'2020-01-01')", 'tinyint'],
    ["(`text` < str_to_date('1.1.2020','%d.%m.%Y'))", 'tinyint'], ['greatest(`text`,`at`)', 'varchar'], ['date(`TEXT`)', 'varchar'],
    ["timestampdiff(SECOND,_utf8mb4'2020-01-01T00:00:00+00:00',`at`)", 'bigint'],
  ])('%s as %s', (expression, type) => expect(asks(expression, type)).toBe(true));

  it.each([
    ['(`sec` + `ms`)', 'bigint'], ['cast(`at` as date)', 'date'], ["concat(`from_unixtime`,'x')", 'varchar'], ['(`datetime` + 1)', 'int'],
    ["date_format(`at`,_utf8mb4'%Y-%m')", 'varchar'], ['unhex(`text`)', 'varbinary'], ['year(`day`)', 'int'], ["concat(`text`,_utf8mb4'-',`day`)", 'varchar'], ['greatest(`text`,`doc`)', 'varchar'], ["json_unquote(json_extract(`doc`,_utf8mb4'$.name'))", 'varchar'], ['', 'int'],
  ])('%s as %s is the same in every zone', (expression, type) => expect(asks(expression, type)).toBe(false));

  it('asks by way of a column that does, in whatever order they stand', () => {
    expect(asks('date_format(`of`,_utf8mb4\'%Y\')', 'varchar', [['of', 'datetime', '`inner`'], ['inner', 'datetime', 'from_unixtime(`sec`)']])).toBe(true);
    expect(asks('(`of` + 1)', 'bigint', [['of', 'bigint', '(`sec` * 2)']])).toBe(false);
  });

  it('takes no offset from a text before 8.0.19', () => {
    const old = parseServerVersion('8.0.15');
    expect([asks('`text`', 'datetime', [], old), asks('from_unixtime(`sec`)', 'datetime', [], old)]).toEqual([false, true]);
  });

  it('a condition asks as a column does, and where it looks at a TIMESTAMP', () => {
    const checked = (condition: string): boolean => isCheckedInZone(version, condition, columns);
    expect(['(hour(`moment`) < 18)', '(`text` < `at`)', "(`day` > _utf8mb4'2020-01-01')", '(`at` > `day`)', '(`sec` > 0)'].map(checked)).toEqual([true, true, false, false, false]);
    const hour = { name: 'h', type: 'int', expression: 'hour(`moment`)' };
    expect([isCheckedInZone(version, '(`h` between 8 and 18)', [...columns, hour]), isCheckedInZone(version, '(`h` between 8 and 18)', [hour])]).toEqual([true, false]);
  });

  it('depends on it where a stored column reads a TIMESTAMP, or asks for the zone', () => {
    const [number, moment] = [{ name: 'n', type: 'int' }, { name: 'm', type: 'timestamp' }];
    expect(dependsOnZone({ columns: [number], stored: [number] })).toBe(false);
    expect(dependsOnZone({ columns: [number, moment], stored: [] })).toBe(false);
    expect(dependsOnZone({ columns: [moment], stored: [number] })).toBe(true);
    expect(dependsOnZone({ columns: [number], stored: [{ ...number, asksZone: true }] })).toBe(true);
    expect(dependsOnZone({ columns: [number], stored: [], checksInZone: true })).toBe(true);
  });

  it('is kept in a key where a virtual column, or the expression of a key, asks for it', () => {
    const plain = columns.map((column) => ({ ...column, extra: '' }));
    const kept = (expression: string, extra: string, keys: readonly string[] = []): boolean => isKeptInZone(version, [...plain, { name: 'it', type: 'int', expression, extra }], keys, (name) => name === 'it');
    expect([kept('hour(`moment`)', 'VIRTUAL GENERATED'), kept('hour(`moment`)', 'STORED GENERATED'), kept('(`sec` + 1)', 'VIRTUAL GENERATED')]).toEqual([true, false, false]);
    expect([kept('1', 'VIRTUAL GENERATED', ['cast(`moment` as date)']), kept('1', 'VIRTUAL GENERATED', ['cast(`at` as date)'])]).toEqual([true, false]);
  });

  it('makes dates where an expression makes one of a text or a number', () => {
    const makes = (expression: string, type: string): boolean => makesDates([...columns, { name: 'it', type, expression }], []);
    expect([["str_to_date(`text`,'%Y')", 'date'], ['`text`', 'date'], ['year(`sec`)', 'int'], ['cast(`doc` as date)', 'char']].map(([how = '', type = '']) => makes(how, type))).toEqual([true, true, true, true]);
    expect([['year(`day`)', 'int'], ['(`sec` + 1)', 'bigint'], ["concat(`text`,'-')", 'varchar']].map(([how = '', type = '']) => makes(how, type))).toEqual([false, false, false]);
    expect([makesDates(columns, ['(cast(`text` as date) is null)']), makesDates(columns, ['(`at` > `day`)'])]).toEqual([true, false]);
  });

  it('is asked of servers that have such columns', () => {
    expect(['5.6.51', '5.7.44', '9.7.0'].map((version) => expressionSql(parseServerVersion(version)))).toEqual(["''", 'GENERATION_EXPRESSION', 'GENERATION_EXPRESSION']);
  });
});
