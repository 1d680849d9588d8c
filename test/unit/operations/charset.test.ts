// The planning of character sets without a server: definitions rewritten, what is tied together, limits, and both readings of a text.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alongWith, componentsOf } from '../../../shared/domain/operations/charset/components';
import { conversionOf } from '../../../shared/domain/operations/charset/convert';
import { asBytes, namedCollations, sameButCharset, withCharset } from '../../../shared/domain/operations/charset/definition';
import type { CharsetTarget, ColumnFacts, ForeignKeyFacts, ServerLimits, TableFacts } from '../../../shared/domain/operations/charset/facts';
import { defaultText, enforcedChecks, generatedFrom, isSpoilt, namesOneOf, sameLetters, strangeCollationIn } from '../../../shared/domain/operations/charset/expressions';
import { serverToDo, serverToUndo } from '../../../electron/operations/charset/defaults';
import { restoreViews } from '../../../electron/operations/charset/views';
import { fakeSession } from '../../fixtures/fake-session';
import { loneStep } from '../../fixtures/lone-step';
import { otherReading } from '../../../shared/domain/operations/charset/other-reading';

const target: CharsetTarget = { charset: 'utf8mb4', collation: 'utf8mb4_unicode_ci', binary: 'utf8mb4_bin', bytes: 4 };
const limits: ServerLimits = { version: { major: 9, minor: 7, patch: 0 }, longKeys: true, pageSize: 16_384, strict: true };
const column = (line: string, more: Partial<ColumnFacts> = {}): ColumnFacts => ({
  name: 'a', type: 'varchar', fullType: 'varchar(255)', line, characters: 255, octets: 255, precision: 0, scale: 0, fraction: 0, nullable: true,
  charset: 'latin1', collation: 'latin1_swedish_ci', generated: false, ...more,
});
const table = (columns: readonly ColumnFacts[], more: Partial<TableFacts> = {}): TableFacts => ({
  database: 'd', table: 't', engine: 'InnoDB', rowFormat: 'DYNAMIC', collation: 'latin1_swedish_ci', rows: 1, bytes: 1, partitioned: false, definition: '', columns, keys: [], ...more,
});

describe('a definition', () => {
  it.each([
    ['`a` varchar(255) DEFAULT NULL', '`a` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL'],
    ['`a` varchar(9) CHARACTER SET latin1 COLLATE latin1_bin NOT NULL DEFAULT \'COLLATE x\'', '`a` varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT \'COLLATE x\''],
    ['`COLLATE` text COMMENT \'a, (b\'', '`COLLATE` text CHARACTER SET utf8mb4 COLLATE utf8mb4_bin COMMENT \'a, (b\''],
    ["`a``b` enum('x','y)') COLLATE latin1_bin DEFAULT 'x'", "`a``b` enum('x','y)') CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT 'x'"],
    ['`a` varchar(9) GENERATED ALWAYS AS (concat(`b`,_latin1\'-\')) VIRTUAL', '`a` varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin GENERATED ALWAYS AS (concat(`b`,_latin1\'-\')) VIRTUAL'],
  ])('%s keeps all but its character set', (before, after) => {
    expect(withCharset(before, 'utf8mb4', 'utf8mb4_bin')).toBe(after);
    expect(withCharset(after, 'utf8mb4', 'utf8mb4_bin')).toBe(after);
  });

  it('becomes bytes of the same length; TEXT stays as long as it was', () => {
    expect(asBytes(column('`a` char(9) CHARACTER SET latin1 NOT NULL', { type: 'char', octets: 9 }))).toBe('`a` varbinary(9) NOT NULL');
    expect(asBytes(column('`a` text COMMENT \'c\'', { type: 'text' }))).toBe('`a` blob COMMENT \'c\'');
    expect(asBytes(column("`a` enum('x')", { type: 'enum' }))).toBeNull();
    const { changes } = conversionOf(table([column('`a` text', { type: 'text', characters: 65_535, octets: 65_535 })]), target, limits) ?? { changes: [] };
    expect(changes).toEqual(['MODIFY COLUMN `a` text CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci, DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci, ALGORITHM=COPY, LOCK=SHARED']);
  });

  it('names the collations of its expressions, and not those of its columns', () => {
    expect(namedCollations('CREATE TABLE `t` (\n `a` varchar(9) COLLATE latin1_bin,\n `g` int AS ((`a` collate latin1_german1_ci)) VIRTUAL\n) COLLATE=latin1_bin')).toEqual(['latin1_german1_ci']);
  });

  it('that compares bytes goes on doing so', () => {
    const { columns } = conversionOf(table([column('`a` varchar(255) COLLATE latin1_bin', { collation: 'latin1_bin' })]), target, limits) ?? { columns: [] };
    expect(columns).toEqual([{ name: 'a', from: 'latin1_bin', to: 'utf8mb4_bin', reread: false }]);
  });

  it.each([
    ['COMPACT', { major: 9, minor: 7, patch: 0 }, 1071], ['COMPACT', { major: 5, minor: 7, patch: 22 }, 1709], ['DYNAMIC', { major: 9, minor: 7, patch: 0 }, null],
  ] as const)('a key over 255 characters in %s of %o: %s', (rowFormat, version, errno) => {
    const key = { name: 'k', unique: true, kind: 'btree' as const, parts: [{ column: 'a', prefix: null }] };
    const { problems } = conversionOf(table([column('`a` varchar(255)')], { rowFormat, keys: [key] }), target, { ...limits, version }) ?? { problems: [] };
    expect(problems.map((one) => one.errno)).toEqual(errno === null ? [] : [errno]);
  });

  it('that is so already needs nothing; utf8 becomes utf8mb4 in place where no key is on it', () => {
    expect(conversionOf(table([column('`a` int', { charset: null, collation: null })], { collation: 'utf8mb4_unicode_ci' }), target, limits)).toBeNull();
    const utf8 = column('`a` varchar(20)', { charset: 'utf8mb3', collation: 'utf8mb3_general_ci', characters: 20, octets: 60 });
    expect(conversionOf(table([utf8]), target, limits)?.algorithm).toBe('inplace');
    expect(conversionOf(table([utf8]), target, { ...limits, version: { major: 5, minor: 7, patch: 22 } })?.algorithm).toBe('copy');
    expect(conversionOf(table([{ ...utf8, characters: 70, octets: 210 }]), target, limits)?.algorithm).toBe('copy');
  });
});

describe('tables that foreign keys tie', () => {
  const name = (one: number) => ({ database: 'd', table: `t${one}` });
  const key = ([from, to]: readonly [number, number]): ForeignKeyFacts => ({ name: 'f', from: name(from), to: name(to), columns: ['c'], targets: ['c'] });
  const edges = fc.array(fc.tuple(fc.nat(11), fc.nat(11)), { maxLength: 20 });

  it('are in one component exactly where a way of keys leads from one to the other', () => fc.assert(fc.property(edges, (pairs) => {
    const reach = Array.from({ length: 12 }, (_, at) => new Set([at]));
    for (let round = 0; round < 12; round += 1) for (const [a, b] of pairs) for (const set of reach) if (set.has(a) || set.has(b)) set.add(a).add(b);
    const parts = componentsOf(Array.from({ length: 12 }, (_, at) => name(at)), pairs.map(key), () => true);
    expect(parts.flatMap(({ tables }) => tables)).toHaveLength(12);
    for (const { tables } of parts) {
      const first = Number(tables[0]?.table.slice(1));
      expect(tables.map((one) => Number(one.table.slice(1))).sort((a, b) => a - b)).toEqual([...reach[first] ?? []].sort((a, b) => a - b));
    }
  })));

  it('take the other side along where texts change, and are bound only then', () => {
    expect(alongWith([name(1)], [key([2, 1]), key([3, 2])], () => true)).toEqual([name(2), name(3)]);
    expect(alongWith([name(1)], [key([2, 1])], () => false)).toEqual([]);
    expect(componentsOf([name(1), name(2)], [key([2, 1])], () => false).map(({ bound, tables }) => [bound, tables.length])).toEqual([[false, 2]]);
  });
});

describe('the other reading', () => {
  const upper = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';
  // As MySQL reads bytes as latin1; Node's own decoder leaves 0x80 to 0x9f as they are.
  const latin1 = (text: string): string => [...Buffer.from(text, 'utf8')].map((byte) => (byte >= 0x80 && byte < 0xa0 ? upper.charAt(byte - 0x80) : String.fromCharCode(byte))).join('');
  it('is what was written, of every text that went through latin1', () => fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => {
    const plain = [...text].every((one) => one.charCodeAt(0) < 0x80);
    expect(otherReading(latin1(text))).toBe(plain ? null : text);
  })));
  it.each(['é', 'plain', '中文', 'façade', 'Ã', '\u00ff'])('of %s there is none', (text) => expect(otherReading(text)).toBeNull());
});

describe('what a definition computes and demands', () => {
  it.each([
    ['`g` varchar(40) GENERATED ALWAYS AS (concat(`a`,_utf8mb4\')\',`id`)) STORED', "(concat(`a`,_utf8mb4')',`id`))"],
    ['`AS (` varchar(40) DEFAULT \'AS (x)\'', null],
  ])('%s comes from %s', (line, expression) => {
    expect(generatedFrom(line)).toBe(expression);
  });

  it('conditions that are enforced, by their names', () => {
    const definition = "CREATE TABLE `t` (\n `CHECK` int,\n CONSTRAINT `c``k` CHECK ((`a` <> _latin1'CONSTRAINT `x` CHECK (1)')),\n"
      + ' CONSTRAINT `off` CHECK ((`a` > 1)) /*!80016 NOT ENFORCED */,\n CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES `u` (`a`)\n) COMMENT=\'CHECK (2)\'';
    expect(enforcedChecks(definition)).toEqual([{ name: 'c`k', expression: "((`a` <> _latin1'CONSTRAINT `x` CHECK (1)'))" }]);
    expect(namesOneOf('(`A` > 1)', ['a'])).toBe(true);
    expect(namesOneOf("('a' > 1)", ['a'])).toBe(false);
  });

  it.each([
    ["`a` varchar(9) DEFAULT '中''x' COMMENT 'DEFAULT'", "中'x"], ['`a` varchar(9) DEFAULT NULL', null], ["`a` varchar(9) COMMENT 'DEFAULT ''x'''", null],
    ["`a` varchar(9) DEFAULT (concat('a','b'))", null],
  ])('the default of %s is %s', (line, text) => {
    expect(defaultText(line)).toBe(text);
  });

  it('a column that somebody changed is another one; its character set alone makes none', () => {
    expect(sameButCharset("`a` varchar(9) DEFAULT 'é'", "`a` varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT 'é'")).toBe(true);
    expect(sameButCharset('`a` varchar(9)', '`a` varchar(10)')).toBe(false);
    expect(sameButCharset('', '`a` varchar(9)')).toBe(false);
  });
});

describe('a view', () => {
  const view = (definition: string) => ({ database: 'd', view: 'v', definition });
  it.each([
    ['select `d`.`t`.`a` AS `a` from `d`.`t` where ((`d`.`t`.`a` collate latin1_bin) = 1)', 'latin1_bin'],
    ['select `d`.`t`.`a` AS `a` from `d`.`t` where ((`d`.`t`.`a` collate utf8mb4_bin) = 1)', null],
    ['select `d`.`u`.`a` AS `a` from `d`.`u` where ((`d`.`u`.`a` collate latin1_bin) = 1)', null],
    ["select `d`.`t`.`a` AS `a`,'collate latin1_bin' AS `b` from `d`.`t`", null],
  ])('%s names %s', (definition, collation) => {
    expect(strangeCollationIn(view(definition), [{ database: 'd', table: 't' }], 'utf8mb4')).toBe(collation);
  });

  it('is spoilt where its letters are others: 8.0 reads them in the character set of whoever alters a table below', () => {
    expect(sameLetters("select 'é' AS `naïve`", "select 'Ã©' AS `naïve`", { names: false })).toBe(false);
    expect(sameLetters("select 'é' AS `naïve`", "select 'é' AS `naÃ¯ve`", { names: false })).toBe(true);
    expect(sameLetters("select 'é' AS `naïve`", "select 'é' AS `naÃ¯ve`", { names: true })).toBe(false);
    expect(sameLetters("select convert(`a` using latin1),'é'", "select `a`,'é'", { names: true })).toBe(true);
  });

  const was = "CREATE DEFINER=`u`@`h` VIEW `d`.`v` AS select `t`.`a` AS `naïve`,'é?x' AS `lit` from `t` where (`t`.`b` = convert(`t`.`a` using utf8mb4))";
  it.each<[string, string, boolean]>([
    ['letters read in another character set', was.replace('naïve', 'naÃ¯ve').replace('é', 'Ã©'), true],
    ['letters that could not be shown', was.replace('é', '??'), true],
    ['letters of two bytes that took the one after them along', was.replace('naïve', 'na茂e'), true],
    ['and a conversion that is not needed any more', was.replace('é', 'Ã©').replace('convert(`t`.`a` using utf8mb4)', '`t`.`a`'), true],
    ['another condition', was.replace('é', 'Ã©').replace('`b` =', '`b` >'), false],
    ['another text', was.replace('é?x', 'è?y'), false],
    ['another text without such letters', was.replace('é', 'e'), false],
    ['another column', was.replace('`t`.`a` AS', '`t`.`c` AS'), false],
    ['one more', was.replace("'é?x' AS `lit`", "'é?x' AS `lit`,'ü' AS `more`"), false],
  ])('%s: spoilt is %s', (_what, now, spoilt) => {
    expect(isSpoilt(now, was)).toBe(spoilt);
  });

  it.each<[string, string, readonly string[], readonly string[]]>([
    ['that its server spoilt is made again', was.replace('é', 'Ã©'), [was.replace('CREATE', 'CREATE OR REPLACE')], ['charset.log.view']],
    ['that somebody changed since stays as it is, and is told', was.replace('é', 'ü').replace('`b` =', '`b` >'), [], ['charset.log.view-changed']],
    ['with its letters is left alone', was, [], []],
  ])('%s', async (_what, now, made, told) => {
    const asked: string[] = [];
    const session = fakeSession('s', (sql) => {
      if (!sql.startsWith('SHOW')) asked.push(sql);
      return [{ 'Create View': now }];
    });
    const logged: string[] = [];
    await restoreViews(loneStep({ log: (_level, key) => void logged.push(key) }), session, 's', [{ database: 'd', view: 'v', create: was }]);
    expect([asked, logged]).toEqual([made, told]);
  });
});

describe('the default of a server', () => {
  const { dialect } = fakeSession('s', () => []);
  const before = { charset: 'latin1', collation: 'latin1_swedish_ci', persisted: { charset: null, collation: null } };
  const to = { charset: 'utf8mb4', collation: 'utf8mb4_0900_ai_ci' };
  const done = { ...to, persisted: { charset: null, collation: to.collation } };
  const set = ['SET PERSIST collation_server = utf8mb4_0900_ai_ci'];
  const kept = ['RESET PERSIST IF EXISTS character_set_server', 'RESET PERSIST IF EXISTS collation_server'];
  const running = ['SET GLOBAL collation_server = latin1_swedish_ci'];
  const sqlOf = (statements: readonly { readonly sql: string }[]): readonly string[] => statements.map(({ sql }) => sql.replaceAll("'", ''));

  it.each<[string, typeof before | typeof done, readonly string[] | null, readonly string[], readonly string[]]>([
    ['as it was', before, set, [], []],
    ['as it is to be', done, [], [...kept, ...running], []],
    ['runs, and is not kept', { ...to, persisted: before.persisted }, set, running, []],
    ['is kept, and does not run', { ...before, persisted: done.persisted }, set, kept, []],
    ['runs as somebody chose', { ...done, charset: 'gbk', collation: 'gbk_bin' }, null, kept, ['collation_server']],
    ['is kept as somebody chose', { ...done, persisted: { charset: null, collation: 'gbk_bin' } }, null, running, ['collation_server (SET PERSIST)']],
  ])('that %s: what is left to be run, there and back', (_what, now, there, back, moved) => {
    const logged: unknown[] = [];
    const step = loneStep({ log: (_level, _key, params) => void logged.push(params?.['what']) });
    const run = () => sqlOf(serverToDo({ dialect }, before, to, now));
    if (there === null) expect(run).toThrow('plan-outdated');
    else expect(run()).toEqual(there);
    expect([sqlOf(serverToUndo(step, { dialect }, before, to.collation, now)), logged]).toEqual([back, moved]);
  });
});
