// What keeps a table and its copy from changing names, and what of their definitions is the same under either name.
import { describe, expect, it } from 'vitest';
import { comparableDefinition, nextNumber, swapFindings, type SwapFacts } from '../../../shared/domain/operations/rollback/compare';

const plain: SwapFacts = { original: 'x', copy: 'x', keys: [], triggers: [], viewsOfOriginal: [], viewsOfCopy: [], nextOfOriginal: null, nextOfCopy: null, isAtomic: true };

describe('a swap of names', () => {
  it.each([
    ['nothing', {}, []], ['a table that is gone', { copy: null, keys: ['k'] }, [['gone', '', true]]], ['a server that may stop in the middle of it', { isAtomic: false, keys: ['k'] }, [['not-atomic', '', true]]], ['another definition', { copy: 'y' }, [['differs', '', true]]],
    ['foreign keys', { keys: ['d.t: f'] }, [['keys', 'd.t: f', true]]], ['triggers', { triggers: ['a', 'b'] }, [['triggers', 'a, b', true]]],
    ['a view of the copy', { viewsOfCopy: ['v'] }, [['view-of-copy', 'v', true]]], ['a view of the original', { viewsOfOriginal: ['v'] }, [['view-of-original', 'v', false]]],
    ['numbers that would be given again', { nextOfOriginal: 9n, nextOfCopy: 4n }, [['numbers', '9', false]]],
    ['numbers that go on', { nextOfOriginal: 9n, nextOfCopy: 9n }, []],
  ] as const)('is told of %s', (_what, facts, findings) => {
    expect(swapFindings({ ...plain, ...facts }).map(({ finding, what, isRefusal }) => [finding, what, isRefusal])).toEqual(findings);
  });

  const created = (name: string, next: string, check: string): string =>
    `CREATE TABLE \`${name}\` (\n  \`id\` int NOT NULL AUTO_INCREMENT,\n  \`a\` int DEFAULT NULL COMMENT 'CREATE TABLE \`x\`',\n  PRIMARY KEY (\`id\`),\n  CONSTRAINT \`${check}\` CHECK ((\`a\` > 0))\n) ENGINE=InnoDB${next} DEFAULT CHARSET=utf8mb4`;
  it('holds definitions against each other without the name, the next number, and names of constraints', () => {
    expect(comparableDefinition(created('a``b', ' AUTO_INCREMENT=7', 'a_chk_1'))).toBe(comparableDefinition(created('c', '', 'c_chk_1')));
    expect(comparableDefinition(created('a', '', 'x'))).not.toBe(comparableDefinition(created('a', '', 'x').replace('> 0', '> 1')));
    const key = ',\n  CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES `d`.`x,y` (`id`) ON DELETE CASCADE';
    expect(comparableDefinition(created('a', '', 'x').replace(',\n  CONSTRAINT', `${key}${key},\n  CONSTRAINT`))).toBe(comparableDefinition(created('a', '', 'x')));
    expect(comparableDefinition(`CREATE TABLE \`a\` (\n  PRIMARY KEY (\`id\`)${key}\n) ENGINE=InnoDB`)).toBe('CREATE TABLE (\n  PRIMARY KEY (`id`)\n) ENGINE=InnoDB');
    expect([nextNumber(created('a', ' AUTO_INCREMENT=18446744073709551615', 'x')), nextNumber(created('a', '', 'x')), nextNumber('CREATE TABLE `a` (\n  `id` int\n)')])
      .toEqual([18446744073709551615n, 1n, null]);
  });
});
