import { describe, expect, it } from 'vitest';
import { foreignKeyName, keyName, referencedTable, tableDefinition, withQuotedCollation } from '../../../electron/copy/schema/definition';

const table = (...items: readonly string[]): string => `CREATE TABLE \`t\` (\n${items.map((item) => `  ${item}`).join(',\n')}\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='a, (b)'`;
const id = '`id` int NOT NULL AUTO_INCREMENT';
const primary = 'PRIMARY KEY (`id`)';

describe('the definition of a table', () => {
  it('gives secondary keys and foreign keys, and comes back whole without none of them', () => {
    const text = table(id, "`c,(` varchar(9) DEFAULT ',KEY `x` (' COMMENT 'it''s (, \\\\'", primary, 'UNIQUE KEY `u``1` (`c,(`)', 'KEY `k` (`c,(`(3),`id`)', 'CONSTRAINT `f``1` FOREIGN KEY (`id`) REFERENCES `o` (`id`)');
    const found = tableDefinition(text);
    expect(found.laterKeys).toEqual(['UNIQUE KEY `u``1` (`c,(`)', 'KEY `k` (`c,(`(3),`id`)']);
    expect(found.foreignKeys).toEqual(['CONSTRAINT `f``1` FOREIGN KEY (`id`) REFERENCES `o` (`id`)']);
    expect(found.without([])).toBe(text);
    expect(found.without([...found.laterKeys, ...found.foreignKeys])).toBe(table(id, "`c,(` varchar(9) DEFAULT ',KEY `x` (' COMMENT 'it''s (, \\\\'", primary));
    expect(found.laterKeys.map(keyName)).toEqual(['u`1', 'k']);
    expect(found.foreignKeys.map(foreignKeyName)).toEqual(['f`1']);
  });

  it.each([
    ['without a primary key its unique keys stay', table('`a` int', 'UNIQUE KEY `u` (`a`)', 'KEY `k` (`a`)'), ['KEY `k` (`a`)']],
    ['a full-text key keeps all', table(id, '`a` text', primary, 'KEY `k` (`id`)', 'FULLTEXT KEY `f` (`a`)'), []],
    ['a spatial key keeps all', table(id, '`a` point NOT NULL', primary, 'KEY `k` (`id`)', 'SPATIAL KEY `s` (`a`)'), []],
    ['brackets in a name are no functional key', table(id, '`((` int', primary, 'KEY `((` (`((`)'), ['KEY `((` (`((`)']],
    ['the word as a name is no AUTO_INCREMENT', table('`AUTO_INCREMENT` int NOT NULL', 'PRIMARY KEY (`AUTO_INCREMENT`)', 'KEY `k` (`AUTO_INCREMENT`)'), ['KEY `k` (`AUTO_INCREMENT`)']],
    ['a functional key keeps all', table(id, primary, 'KEY `k` (`id`)', 'KEY `f` ((`id` + 1))'), []],
    ['a key that AUTO_INCREMENT needs stays', table('`a` int NOT NULL', '`n` int NOT NULL AUTO_INCREMENT', 'PRIMARY KEY (`a`)', 'KEY `n` (`n`)'), []],
    ['the word in a text is no AUTO_INCREMENT', table("`a` int NOT NULL COMMENT ' AUTO_INCREMENT '", 'PRIMARY KEY (`a`)', 'KEY `k` (`a`)'), ['KEY `k` (`a`)']],
    ['a secondary engine keeps all', `${table(id, primary, 'KEY `k` (`id`)')} SECONDARY_ENGINE=RAPID`, []],
    ['the word in a text is no secondary engine', table(id, primary, "KEY `k` (`id`) COMMENT 'SECONDARY_ENGINE=RAPID'"), ["KEY `k` (`id`) COMMENT 'SECONDARY_ENGINE=RAPID'"]],
    ['another engine keeps all', table(id, primary, 'KEY `k` (`id`)').replace('InnoDB', 'MyISAM'), []],
    ['a text of another form', 'CREATE TABLE t', []],
  ])('%s', (_what, text, later) => {
    expect(tableDefinition(text).laterKeys).toEqual(later);
  });

  it.each([
    ["`b` enum('a') CHARACTER SET binary COLLATE binary NOT NULL", "`b` enum('a') CHARACTER SET binary COLLATE `binary` NOT NULL"],
    ["`COLLATE binary` int COMMENT 'COLLATE binary'", "`COLLATE binary` int COMMENT 'COLLATE binary'"],
    ['`b` text CHARACTER SET utf8mb4 COLLATE utf8mb4_bin', '`b` text CHARACTER SET utf8mb4 COLLATE utf8mb4_bin'],
  ])('the collation binary is quoted, and nothing else: %s', (printed, made) => {
    expect(withQuotedCollation(table(id, printed))).toBe(table(id, made));
  });

  it('names the table that a foreign key refers to', () => {
    expect(referencedTable('CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES `o``1` (`id`)', 'd')).toEqual({ database: 'd', name: 'o`1' });
    expect(referencedTable('CONSTRAINT `f` FOREIGN KEY (`a`,`b`) REFERENCES `e`.`o` (`id`,`x`) ON DELETE CASCADE', 'd')).toEqual({ database: 'e', name: 'o' });
    expect(referencedTable('CONSTRAINT `) REFERENCES `` FOREIGN KEY (`) REFERENCES ``x``.``y```) REFERENCES `o` (`id`)', 'd')).toBeNull();
    expect(referencedTable('CONSTRAINT `f` FOREIGN KEY (`) REFERENCES ``x``.``y``(`) REFERENCES `o` (`id`)', 'd')).toEqual({ database: 'd', name: 'o' });
  });
});
