import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differencesOf } from '../../../electron/comparison/definitions/differences';
import type { Printer } from '../../../electron/comparison/definitions/normal';
import type { Definition, DefinedKind } from '../../../electron/copy/schema/defined';
import { parseServerVersion } from '../../../shared/domain/fleet/version';

const printer = (version: string, utf8mb4: string): Printer => ({
  version: parseServerVersion(version),
  defaults: new Map([['utf8mb4', utf8mb4], ['utf8', 'utf8_general_ci'], ['utf8mb3', 'utf8mb3_general_ci'], ['latin1', 'latin1_swedish_ci'], ['gbk', 'gbk_chinese_ci']]),
});
const on57 = printer('5.7.22', 'utf8mb4_general_ci');
const on8015 = printer('8.0.15', 'utf8mb4_0900_ai_ci');
const on8031 = printer('8.0.31', 'utf8mb4_0900_ai_ci');
const on97 = printer('9.7.0', 'utf8mb4_0900_ai_ci');

const defined = (text: string, kind: DefinedKind = 'TABLE', more: Readonly<Record<string, string>> = {}): Definition => ({ kind, database: 'd', name: 'x', parts: { definition: text, ...more } });
const parts = (source: Definition, here: Printer, target: Definition, there: Printer): readonly string[] =>
  differencesOf({ printer: here, definitions: [source] }, { printer: there, definitions: [target] }, []).map(({ part }) => part);

const event = (state: string, mode = ''): Definition => defined(`CREATE DEFINER=\`a\`@\`%\` EVENT \`x\` ON SCHEDULE EVERY 1 DAY ON COMPLETION NOT PRESERVE ${state} COMMENT 'ENABLE' DO SELECT 1`, 'EVENT', { sql_mode: mode });

describe('what means the same', () => {
  it.each<[string, Definition, Printer, Definition, Printer]>([
    ['the next number of AUTO_INCREMENT', defined('CREATE TABLE `x` (\n  `a` int\n) ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=latin1'), on57, defined('CREATE TABLE `x` (\n  `a` int\n) ENGINE=InnoDB DEFAULT CHARSET=latin1'), on57],
    ['a character set beside its collation', defined('CREATE TABLE `x` (`a` text CHARACTER SET latin1 COLLATE latin1_bin)'), on97, defined('CREATE TABLE `x` (`a` text COLLATE latin1_bin)'), on97],
    ['the own database of a foreign key', defined('CREATE TABLE `x` (FOREIGN KEY (`a`) REFERENCES `d`.`y` (`b`))'), on57, defined('CREATE TABLE `x` (FOREIGN KEY (`a`) REFERENCES `y` (`b`))'), on57],
    ['an event that waits', event('ENABLE'), on57, event('DISABLE ON SLAVE'), on57],
    ['the end of a program that a client sent in one packet with others', defined('CREATE PROCEDURE `x`()\nSELECT  1;', 'PROCEDURE'), on97, defined('CREATE PROCEDURE `x`()\nSELECT  1', 'PROCEDURE'), on97],
    ['the same from release to release', defined('CREATE TRIGGER `x` BEFORE INSERT ON `y` FOR EACH ROW SET @a = 1 ;\n', 'TRIGGER'), on57, defined('CREATE TRIGGER `x` BEFORE INSERT ON `y` FOR EACH ROW SET @a = 1', 'TRIGGER'), on8031],
    ['widths of integers', defined('CREATE TABLE `x` (`a` int(11) unsigned NOT NULL, `y` year(4)) ENGINE=InnoDB DEFAULT CHARSET=latin1'), on57, defined('CREATE TABLE `x` (`a` int unsigned NOT NULL, `y` year) ENGINE=InnoDB DEFAULT CHARSET=latin1'), on8031],
    ['the collation that a character set has by itself', defined('CREATE TABLE `x` (`a` varchar(9)) DEFAULT CHARSET=utf8mb4'), on57, defined('CREATE TABLE `x` (`a` varchar(9)) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci'), on8015],
    ['a character set within an expression, which is none of the column', defined('CREATE TABLE `x` (`a` varchar(9) GENERATED ALWAYS AS (cast(`b` as char charset utf8mb4)) STORED) DEFAULT CHARSET=latin1'), on57, defined('CREATE TABLE `x` (`a` varchar(9) GENERATED ALWAYS AS (cast(`b` as char charset utf8mb4)) STORED) DEFAULT CHARSET=latin1'), on8031],
    ['the new name of utf8', defined('CREATE TABLE `x` (`a` varchar(9) CHARACTER SET utf8) DEFAULT CHARSET=latin1'), on8015, defined('CREATE TABLE `x` (`a` varchar(9) CHARACTER SET utf8mb3) DEFAULT CHARSET=latin1'), on97],
    ['character sets before literals, and brackets', defined("CREATE TABLE `x` (`g` int GENERATED ALWAYS AS (`a` + json_extract(`b`,'$.n')) VIRTUAL)"), on57, defined("CREATE TABLE `x` (`g` int GENERATED ALWAYS AS ((`a` + json_extract(`b`,_utf8mb4'$.n'))) VIRTUAL)"), on8031],
    ['marks of executable comments, and quotes of partitions', defined('CREATE TABLE `x` (`a` int)\n/*!50100 PARTITION BY HASH (a)\n(PARTITION p0 ENGINE = InnoDB) */'), on57, defined('CREATE TABLE `x` (`a` int)\n/*!50100 PARTITION BY HASH (`a`)\n(PARTITION `p0` ENGINE = InnoDB) */'), on8015],
    ['words of sql_mode that are gone', event('DISABLE', 'NO_AUTO_CREATE_USER,ANSI_QUOTES'), on57, event('DISABLE', 'ANSI_QUOTES'), on97],
    ['the database before what has a name of its own in a view',
      defined('CREATE VIEW `d`.`x` AS select `e`.`a`.`id` AS `id` from (`e`.`t1` `a` join `e`.`t2` `b` on((`e`.`a`.`id` = `b`.`id`)))', 'VIEW'), on97,
      defined('CREATE VIEW `d`.`x` AS select `a`.`id` AS `id` from (`e`.`t1` `a` join `e`.`t2` `b` on((`a`.`id` = `b`.`id`)))', 'VIEW'), on97],
    ['the own database in a view', defined('CREATE VIEW `d`.`x` AS select `y`.`a` AS `a` from `y`', 'VIEW'), on8015, defined('CREATE VIEW `d`.`x` AS select `d`.`y`.`a` AS `a` from `d`.`y`', 'VIEW'), on8031],
    ['encryption that is not asked for', defined('CREATE DATABASE `d` /*!40100 DEFAULT CHARACTER SET latin1 */', 'DATABASE'), on57, defined("CREATE DATABASE `d` /*!40100 DEFAULT CHARACTER SET latin1 */ /*!80016 DEFAULT ENCRYPTION='N' */", 'DATABASE'), on8031],
  ])('%s', (_what, source, here, target, there) => {
    expect(parts(source, here, target, there)).toEqual([]);
    expect(parts(target, there, source, here)).toEqual([]);
  });
});

describe('expressions that releases print in their own words', () => {
  const view = (expression: string): Definition => defined(`CREATE VIEW \`d\`.\`x\` AS select ${expression} AS \`v\` from \`t\` where ${expression}`, 'VIEW');
  const column = (expression: string): Definition => defined(`CREATE TABLE \`x\` (\`n\` int, \`g\` int GENERATED ALWAYS AS (${expression}) VIRTUAL)`);
  it.each([
    ['isnull(`t`.`n`)', '(`t`.`n` is null)'], ['(not(`t`.`n`))', '(0 = `t`.`n`)'], ['(`t`.`n` and `t`.`id`)', '((0 <> `t`.`n`) and (0 <> `t`.`id`))'],
    ['((not(`t`.`n`)) or (not(`t`.`id`)))', '((0 = `t`.`n`) or (0 = `t`.`id`))'], ['if((isnull(`t`.`n`) and `t`.`id`),1,2)', 'if(((`t`.`n` is null) and (0 <> `t`.`id`)),1,2)'],
    ['(not(`t`.`n` in (select `u`.`n` from `u`)))', '`t`.`n` not in (select `u`.`n` from `u`)'], ['(not((`t`.`n`,`t`.`id`) in (select 1,2)))', '(`t`.`n`,`t`.`id`) not in (select 1,2)'],
    ["(not((`t`.`s` regexp 'b')))", "(not(regexp_like(`t`.`s`,'b')))"], ['convert(`t`.`s` using utf8)', 'convert(`t`.`s` using utf8mb3)'], ['ucase(lcase(`t`.`s`))', 'upper(lower(`t`.`s`))'],
    ['(`t`.`n` is true)', '((0 <> `t`.`n`) is true)'], ['(`t`.`n` % 2)', '(0 <> (`t`.`n` % 2))'],
  ])('%s is %s', (old, young) => {
    for (const of of [view, column]) {
      expect(parts(of(old), on57, of(young), on8031)).toEqual([]);
      expect(parts(of(young), on8031, of(old), on57)).toEqual([]);
    }
  });
  it.each([
    ['isnull(`t`.`n`)', '(`t`.`n` is not null)'], ['(not(`t`.`n`))', '(0 <> `t`.`n`)'], ['isnull(`t`.`n`)', '(`t`.`id` is null)'], ["(`t`.`s` regexp 'b')", "regexp_like(`t`.`s`,'b','c')"], ['(1 = `t`.`n`)', '(0 = `t`.`n`)'],
    ['(not(`t`.`n` in (select 1)))', '`t`.`n` in (select 1)'], ['`t`.`s`', 'convert(`t`.`s` using latin1)'],
  ])('%s is not %s', (old, young) => expect(parts(view(old), on57, view(young), on8031)).toEqual(['definition']));
  it('servers that both compare truths with 0 are taken at their word', () => {
    expect(parts(view('`t`.`n`'), on8031, view('(0 <> `t`.`n`)'), on97)).toEqual(['definition']);
  });
  it('calls and cases within each other, dozens deep, take no time to speak of', () => {
    const deep = (call: string): string => Array.from({ length: 60 }).reduce<string>((inner) => `(case when ifnull(${call}(${inner}),1) then 1 else 2 end)`, '`t`.`s`');
    expect(parts(view(deep('ucase')), on57, view(deep('upper')), on97)).toEqual([]);
  });
  it('between servers of one release every word counts', () => expect(parts(view('isnull(`t`.`n`)'), on57, view('(`t`.`n` is null)'), on57)).toEqual(['definition']));
});

describe('what does not', () => {
  it.each<[string, Definition, Printer, Definition, Printer, string]>([
    ['a key that is missing', defined('CREATE TABLE `x` (`a` int, KEY `k` (`a`))'), on97, defined('CREATE TABLE `x` (`a` int)'), on97, 'definition'],
    ['another engine', defined('CREATE TABLE `x` (`a` int) ENGINE=MyISAM'), on97, defined('CREATE TABLE `x` (`a` int) ENGINE=InnoDB'), on97, 'definition'],
    ['a default named like what is left out', defined("CREATE TABLE `x` (`a` text DEFAULT 'AUTO_INCREMENT=7')"), on97, defined("CREATE TABLE `x` (`a` text DEFAULT 'AUTO_INCREMENT=8')"), on97, 'definition'],
    ['a database that is not read only', defined('CREATE DATABASE `d` /* READ ONLY = 1 */', 'DATABASE'), on97, defined('CREATE DATABASE `d`', 'DATABASE'), on97, 'definition'],
    ['the database of a table in a view', defined('CREATE VIEW `d`.`x` AS select `e`.`y`.`a` AS `a` from `e`.`y`', 'VIEW'), on97,
      defined('CREATE VIEW `d`.`x` AS select `f`.`y`.`a` AS `a` from `f`.`y`', 'VIEW'), on97, 'definition'],
    ['the definer', defined('CREATE DEFINER=`a`@`%` VIEW `d`.`x` AS select 1', 'VIEW'), on97, defined('CREATE DEFINER=`b`@`%` VIEW `d`.`x` AS select 1', 'VIEW'), on97, 'definition'],
    ['the sql_mode', event('DISABLE', 'ANSI_QUOTES'), on97, event('DISABLE', ''), on97, 'sql_mode'],
    ['the time zone of an event', defined('x', 'EVENT', { time_zone: '+08:00' }), on97, defined('x', 'EVENT', { time_zone: '+00:00' }), on97, 'time_zone'],
    ['the character set of a session', defined('x', 'VIEW', { character_set_client: 'latin1' }), on97, defined('x', 'VIEW', { character_set_client: 'utf8mb4' }), on97, 'character_set_client'],
    ['another collation by the defaults of the releases', defined('CREATE TABLE `x` (`a` varchar(9)) DEFAULT CHARSET=utf8mb4'), on57, defined('CREATE TABLE `x` (`a` varchar(9)) DEFAULT CHARSET=utf8mb4'), on8031, 'definition'],
    ['a column of another collation across releases', defined('CREATE TABLE `x` (`a` varchar(9) CHARACTER SET gbk) DEFAULT CHARSET=latin1'), on57, defined('CREATE TABLE `x` (`a` varchar(9) CHARACTER SET gbk COLLATE gbk_bin) DEFAULT CHARSET=latin1'), on97, 'definition'],
    ['a longer column across releases', defined('CREATE TABLE `x` (`a` varchar(9)) DEFAULT CHARSET=latin1'), on57, defined('CREATE TABLE `x` (`a` varchar(8)) DEFAULT CHARSET=latin1'), on97, 'definition'],
  ])('%s', (_what, source, here, target, there, part) => {
    expect(parts(source, here, target, there)).toEqual([part]);
  });
});

describe('objects of one side', () => {
  const one = defined('x', 'VIEW');
  it('misses what was not left out by name', () => {
    const of = (leftOut: readonly { kind: string; database: string; name: string }[]): readonly string[] =>
      differencesOf({ printer: on97, definitions: [one] }, { printer: on97, definitions: [] }, leftOut).map(({ part }) => part);
    expect(of([])).toEqual(['absent']);
    expect(of([{ kind: 'EVENT', database: 'd', name: 'x' }])).toEqual(['absent']);
    expect(of([{ kind: 'TABLE', database: 'd', name: 'x' }])).toEqual([]);
    expect(of([{ kind: 'VIEW', database: 'd', name: 'x' }])).toEqual([]);
  });
  it('names what only the standby has', () => {
    expect(differencesOf({ printer: on97, definitions: [] }, { printer: on97, definitions: [one] }, [])).toMatchObject([{ kind: 'VIEW', name: 'x', part: 'extra' }]);
  });
});

it('takes any text for itself, and finds any word that is changed, between servers of one release', () => {
  const word = fc.constantFrom('`a`', "'it''s'", 'int', '(', ')', ',', 'NOT', 'NULL', 'DEFAULT', '7', 'COMMENT', '/* c */', 'CHARACTER', 'SET', 'latin1');
  fc.assert(fc.property(fc.array(word, { minLength: 1, maxLength: 30 }), fc.nat(), (words, index) => {
    const text = words.join(' ');
    expect(parts(defined(text), on97, defined(text), on97)).toEqual([]);
    for (const [here, there] of [[on57, on57], [on8015, on8015], [on8031, on97]] as const) expect(parts(defined(text), here, defined(text), there)).toEqual([]);
    const changed: string[] = [...words];
    changed.splice(index % (words.length + 1), 0, 'BIGINT');
    expect(parts(defined(text, 'VIEW'), on97, defined(changed.join(' '), 'VIEW'), on97)).toEqual(['definition']);
  }));
});
