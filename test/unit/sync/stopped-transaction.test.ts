import fc from 'fast-check';
import { expect, it } from 'vitest';
import { executedStop, refuseWhereOnlyHere } from '../../../electron/sync/skip/executed-stop';
import { stoppedTransaction } from '../../../electron/sync/skip/stopped-transaction';
import { errorOf } from '../../../shared/errors/codes';
import { fakeSession } from '../../fixtures/fake-session';

const source = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
const gtid = (number: number): string => `${source}:${number.toString()}`;

interface Replica {
  readonly version: string;
  readonly workers: number;
  /** What the table of workers tells to have failed; of an old server it is not asked. */
  readonly told: readonly number[];
  readonly text?: string;
  readonly executed?: string;
}

/** A replica whose applier stopped; its relay log holds thirty transactions, none of which is executed. */
function stoppedAt({ version, workers, told, text = '', executed = '' }: Replica): ReturnType<typeof fakeSession> {
  const status = {
    Slave_SQL_Running: 'No', Last_SQL_Errno: 1062, Relay_Log_File: 'relay.000002', Relay_Log_Pos: 4, Channel_Name: '', Master_Host: 'h',
    Last_SQL_Error: text, Retrieved_Gtid_Set: `${source}:1-30`, Executed_Gtid_Set: executed,
  };
  const events = Array.from({ length: 30 }, (_, index) => ({ Pos: index, Event_type: 'Gtid', Info: `SET @@SESSION.GTID_NEXT= '${gtid(index + 1)}'` }));
  const rows = told.map((number) => ({ channel: '', worker: number, errno: 1062, error: text, gtid: gtid(number), moment: number }));
  return fakeSession('replica', (sql) => {
    if (sql.startsWith('SHOW SLAVE STATUS')) return [status];
    if (sql.startsWith('SHOW RELAYLOG EVENTS')) return events;
    if (sql.startsWith('SHOW GLOBAL VARIABLES')) return [{ Variable_name: 'slave_parallel_workers', Value: String(workers) }];
    if (sql.startsWith('SELECT @@GLOBAL.gtid_executed')) return [{ gtid_executed: executed }];
    return sql.includes('replication_applier_status_by_worker') ? rows : [];
  }, version);
}

it('lists what stands before the one failure that an old server tells, twenty at most', async () => {
  for (const [failed, before] of [[1, 0], [4, 3], [21, 20], [25, 20]] as const) {
    const stopped = await stoppedTransaction(stoppedAt({ version: '5.7.30', workers: 4, told: [failed] }));
    expect(stopped?.gtid).toBe(gtid(failed));
    const expected = [...Array.from({ length: before }, (_, index) => gtid(index + 1)), gtid(failed)];
    expect(stopped?.inTheWay.map((one) => one.gtid)).toEqual(expected);
    expect(stopped?.inTheWay.map((one) => one.errno)).toEqual([...expected.slice(1).map(() => null), 1062]);
  }
});

it('goes by the place in the relay log where one worker stands and no table tells', async () => {
  for (const version of ['5.6.10', '5.7.30']) expect((await stoppedTransaction(stoppedAt({ version, workers: 0, told: [] })))?.gtid).toBe(gtid(1));
});

it('takes nothing that waits for what failed where that counts as executed already', async () => {
  const half = { version: '5.7.30', workers: 0, told: [31] };
  expect(await stoppedTransaction(stoppedAt(half))).toBeNull();
});

it('tells a stop at what counts as executed, and only that', async () => {
  const at = (executed: string): Promise<unknown> => executedStop(stoppedAt({ version: '5.7.30', workers: 0, told: [3], executed }));
  expect(await at(`${source}:1-3`)).toEqual({ gtid: gtid(3), errno: 1062, error: '', inTheWay: [{ gtid: gtid(3), errno: 1062, error: '' }] });
  expect(await at(`${source}:1-2`)).toBeNull();
});

it('drops no relay log that holds what the source has lost or removed', async () => {
  const replica = stoppedAt({ version: '5.7.30', workers: 0, told: [3], executed: `${source}:1-3` });
  const has = (executed: string, purged: string): Promise<void> => refuseWhereOnlyHere(fakeSession('source', () => [{ executed, purged }], '5.7.30'), replica);
  await has(`${source}:1-40`, `${source}:1-3`);
  for (const [executed, purged, lost] of [[`${source}:1-29`, '', gtid(30)], [`${source}:1-40`, `${source}:1-5`, `${source}:4-5`]] as const) {
    await expect(has(executed, purged)).rejects.toMatchObject({ error: { code: 'relay-log-needed', detail: lost } });
  }
});

it('says that it cannot tell where several workers leave no record', async () => {
  for (const version of ['5.6.10', '5.7.30']) {
    await expect(stoppedTransaction(stoppedAt({ version, workers: 4, told: [] }))).rejects.toMatchObject({ error: { code: 'stop-unclear', params: { count: 20 } } });
  }
});

it('is the same whatever the text of the error says', async () => {
  const words = fc.constantFrom("Worker 3 failed executing transaction '", gtid(9), "' at source log binlog.000001, end_log_pos 4; ", "Query: 'DROP TABLE inn.t", "'", '`', '%', '\u{1f642}', 'x'.repeat(64));
  const text = fc.oneof(fc.array(words, { maxLength: 12 }).map((parts) => parts.join('')), fc.string({ unit: 'binary' }));
  const cases = [{ version: '5.6.10', workers: 0, told: [] }, { version: '5.7.30', workers: 4, told: [3, 7] }, { version: '5.6.10', workers: 8, told: [] }] as const;
  await fc.assert(fc.asyncProperty(text, fc.constantFrom(...cases), async (words, replica) => {
    const found = async (said: string): Promise<unknown> => {
      try {
        return (await stoppedTransaction(stoppedAt({ ...replica, text: said })))?.inTheWay.map((one) => [one.gtid, one.errno]);
      } catch (thrown) {
        return errorOf(thrown).code;
      }
    };
    expect(await found(words)).toEqual(await found(''));
  }), { numRuns: 300 });
});
