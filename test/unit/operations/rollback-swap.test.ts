// What keeps a table and its copy from changing names, and what of their definitions is the same under either name.
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { parseGtidSet, type GtidSet } from '../../../shared/domain/gtid/set';
import type { NewName } from '../../../shared/domain/operations/rollback/names';
import type { RollbackRecord } from '../../../shared/domain/operations/rollback/record';
import { pairStanding, swapVerdict } from '../../../shared/domain/operations/rollback/swap';
import type { StepState } from '../../../shared/domain/tasks/task';
import { comparableDefinition, nextNumber, swapFindings, type SwapFacts } from '../../../shared/domain/operations/rollback/compare';

const plain: SwapFacts = { original: 'x', copy: 'x', keys: [], triggers: [], viewsOfOriginal: [], viewsOfCopy: [], nextOfOriginal: null, nextOfCopy: null, isAtomic: true, logLacks: [] };

describe('a swap of names', () => {
  it.each([
    ['nothing', {}, []], ['a table that is gone', { copy: null, keys: ['k'] }, [['gone', '', true]]], ['a server that may stop in the middle of it', { isAtomic: false, keys: ['k'] }, [['not-atomic', '', true]]], ['a log that may not hold it', { logLacks: ['gtid_mode = OFF'] }, [['unlogged', 'gtid_mode = OFF', true]]], ['another definition', { copy: 'y' }, [['differs', '', true]]],
    ['foreign keys', { keys: ['d.t: f'] }, [['keys', 'd.t: f', true]]], ['triggers', { triggers: ['a', 'b'] }, [['triggers', 'a, b', true]]],
    ['a view of the copy', { viewsOfCopy: ['v'] }, [['view-of-copy', 'v', true]]], ['a view of the original', { viewsOfOriginal: ['v'] }, [['view-of-original', 'v', false]]],
    ['numbers that would be given again', { nextOfOriginal: 9n, nextOfCopy: 4n }, [['numbers', '9', false]]],
    ['numbers that go on', { nextOfOriginal: 9n, nextOfCopy: 9n }, []],
  ] as const)('is told of %s', (_what, facts, findings) => {
    const told = swapFindings({ ...plain, ...facts }).map(({ finding, what, isRefusal }) => [finding, what, isRefusal]);
    // Wherever names can be swapped at all, what the live table loses is told.
    const since = told.filter(([finding]) => finding === 'since');
    expect([told.filter((one) => !since.includes(one)), since.length]).toEqual([findings, ['gone', 'not-atomic', 'unlogged'].includes(String(told[0]?.[0])) ? 0 : 1]);
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

describe('what became of a swap', () => {
  const uuid = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
  const set = (text: string): GtidSet => parseGtidSet(text === '' ? '' : `${uuid}:${text}`);
  it.each([
    ['logged', '1-5', '1-9', true, 'swapped'], ['not logged', '1-5', '1-9', false, 'not-swapped'], ['nothing came since', '1-5', '1-5', false, 'not-swapped'],
    ['a log that is purged', '1-5', '1-9', null, 'unclear'], ['a log that was begun anew', '1-5', '', false, 'unclear'], ['another log', '1-5', '2-9', false, 'unclear'],
  ] as const)('%s', (_what, before, now, isLogged, verdict) => {
    expect(swapVerdict({ before: set(before), now: set(now), isLogged })).toBe(verdict);
  });
});

describe('a table and its copy', () => {
  const pair: NewName = { database: 'd', table: 't', newDatabase: 'd', newTable: 't_bak' };
  const record = (at: number, way: RollbackRecord['way'], more: Partial<RollbackRecord> = {}): RollbackRecord => ({
    id: `r${String(at)}`, instanceId: 'i', name: 'orders', at, actor: 'dba', way, gtids: [], moment: null, names: [pair], taskId: 't', outcome: null, end: null, ...more,
  });
  const made = record(10, 'backward', { moment: { gtid: 'g', at: 5 } });
  const swap = (at: number, state: StepState | null): RollbackRecord => record(at, 'swap', {
    end: state === null ? null : { state: state === 'done' ? 'done' : 'failed', at: at + 1, log: [], error: null, steps: [{ id: 'swap', title: { key: 'rollback.run' }, state, ms: 1, error: null }] },
  });

  it('have changed names as often as a swap took hold; one that is not at its end, or of which nobody knows, makes it unclear', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom<StepState | null>('done', 'undone', 'pending', 'failed', 'running', null), { maxLength: 6 }), (states) => {
      const records = [made, ...states.map((state, at) => swap(20 + 2 * at, state))];
      const isUnclear = states.some((state) => state === null || state === 'failed' || state === 'running');
      const count = states.filter((state) => state === 'done').length;
      const last = states.lastIndexOf('done');
      expect(pairStanding(records.reverse(), made, pair)).toEqual({
        names: isUnclear ? 'unclear' : count % 2 === 1 ? 'swapped' : 'as-made', since: last === -1 ? 5 : 21 + 2 * last,
      });
    }));
  });

  it('are theirs alone: other pairs, other servers and what came before count for nothing', () => {
    const others = [
      swap(1, 'done'), { ...swap(20, 'done'), instanceId: 'other' }, { ...swap(20, 'done'), names: [{ ...pair, newTable: 'u_bak' }] }, record(20, 'undo'),
    ];
    expect(pairStanding([made, ...others], made, pair)).toEqual({ names: 'as-made', since: 5 });
  });
});
