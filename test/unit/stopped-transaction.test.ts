import { expect, it } from 'vitest';
import { stoppedTransaction } from '../../electron/sync/skip/stopped-transaction';
import { fakeSession } from '../fixtures/fake-session';

const source = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
const gtid = (number: number): string => `${source}:${number.toString()}`;

/** A replica of 5.6 with several workers, which tells its last failure alone; its relay log holds `received` transactions. */
function stoppedAt(failed: number, received: number): ReturnType<typeof fakeSession> {
  const status = {
    Slave_SQL_Running: 'No', Last_SQL_Errno: 1062, Relay_Log_File: 'relay.000002', Relay_Log_Pos: 4, Channel_Name: '', Master_Host: 'h',
    Last_SQL_Error: `Worker 2 failed executing transaction '${gtid(failed)}' at master log binlog.000001, end_log_pos 400; Duplicate entry '7' for key 'PRIMARY'`,
    Retrieved_Gtid_Set: `${source}:1-${received.toString()}`, Executed_Gtid_Set: '',
  };
  const events = Array.from({ length: received }, (_, index) => ({ Pos: index, Event_type: 'Gtid', Info: `SET @@SESSION.GTID_NEXT= '${gtid(index + 1)}'` }));
  return fakeSession('replica', (sql) => (sql.startsWith('SHOW SLAVE STATUS') ? [status] : sql.startsWith('SHOW RELAYLOG EVENTS') ? events : []), '5.6.10');
}

it('lists what stands before the one failure that an old server tells, twenty at most', async () => {
  for (const [failed, before] of [[1, 0], [4, 3], [21, 20], [25, 20]] as const) {
    const stopped = await stoppedTransaction(stoppedAt(failed, 30));
    expect(stopped?.gtid).toBe(gtid(failed));
    const expected = [...Array.from({ length: before }, (_, index) => gtid(index + 1)), gtid(failed)];
    expect(stopped?.inTheWay.map((one) => one.gtid)).toEqual(expected);
    expect(stopped?.inTheWay.map((one) => one.errno)).toEqual([...expected.slice(1).map(() => null), 1062]);
  }
});
