import { describe, expect, it } from 'vitest';
import { Reading } from '../../../electron/mysql/reading';
import { dumpExpressions, readReplicas } from '../../../electron/mysql/status/replicas';
import { dialectFor } from '../../../electron/mysql/dialect/dialect';
import { parseServerVersion } from '../../../shared/domain/fleet/version';
import { fakeSession } from '../../fixtures/fake-session';

const uuidOf = (id: number): string => `00000000-0000-4000-8000-${String(id).padStart(12, '0')}`;

/** A source whose log these threads pull; what it is asked counts. */
function sourceOf(threads: () => readonly number[]) {
  const counted = { asked: 0 };
  const session = fakeSession('source', (sql) => {
    counted.asked += 1;
    if (sql.includes('performance_schema.threads')) return threads().map((id) => ({ id, user: 'repl', host: 'standby', uuid: uuidOf(id) }));
    return threads().map((id) => ({ Server_Id: id, Host: `standby-${String(id)}`, Port: 3306, Replica_UUID: uuidOf(id) }));
  });
  const read = async (list: string | undefined) => (await readReplicas(new Reading(session, {}), true, list)).map(({ serverId }) => serverId);
  return { counted, read };
}

describe('who pulls the log', () => {
  it('is asked for once, for as long as the list of threads stays the same', async () => {
    const { counted, read } = sourceOf(() => [10, 115]);
    expect(await read('2:10,115,')).toEqual([10, 115]);
    const { asked } = counted;
    expect(await read('2:10,115,')).toEqual([10, 115]);
    expect(counted.asked).toBe(asked);
    expect(await read('0:')).toEqual([]);
    expect(counted.asked).toBe(asked);
  });

  it.each([
    ['who came after the list was read', '1:10,', [10, 11]],
    ['who came in the place of another', '2:9,10,', [10, 11]],
    ['who left after the list was read', '3:10,11,12,', [10, 11]],
  ])('is not kept under a list that it was not read with: %s', async (_, list, threads) => {
    let now: readonly number[] = threads;
    const { read } = sourceOf(() => now);
    expect(await read(list)).toEqual(threads);
    now = [10];
    expect(await read(list)).toEqual([10]);
  });

  it.each([['within an id', '2:10,11'], ['between two', '2:10,'], ['before the first', '2:']])('is not kept under a list that was cut %s', async (_, list) => {
    let now: readonly number[] = [10, 11];
    const { read } = sourceOf(() => now);
    expect(await read(list)).toEqual([10, 11]);
    now = [10, 115];
    expect(await read(list)).toEqual([10, 115]);
  });

  it('is asked for every time where there is no list', async () => {
    let now: readonly number[] = [10];
    const { read } = sourceOf(() => now);
    expect(await read(undefined)).toEqual([10]);
    now = [10, 11];
    expect(await read(undefined)).toEqual([10, 11]);
    expect(dumpExpressions({ features: dialectFor(parseServerVersion('5.6.51', 'MySQL Community Server - GPL')).features })).toEqual({});
  });
});
