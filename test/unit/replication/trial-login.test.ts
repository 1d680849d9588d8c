import { describe, expect, it } from 'vitest';
import { replicaStatusOf } from '../../../electron/mysql/status/replica-status';
import { verdictOf } from '../../../electron/replication/trial-login';

describe('what the status of a trial receiver proves', () => {
  it.each([
    ['nothing yet', { Replica_IO_Running: 'Connecting', Last_IO_Errno: 0, Source_Log_File: '' }, null],
    // An account without REPLICATION SLAVE comes this far, and is refused next.
    ['logged in, and not served', { Replica_IO_Running: 'Yes', Last_IO_Errno: 0, Source_Log_File: '' }, null],
    ['served', { Replica_IO_Running: 'Yes', Last_IO_Errno: 0, Source_Log_File: 'binlog.000001' }, 'connected'],
    ['served, in old words', { Slave_IO_Running: 'Yes', Last_IO_Errno: 0, Master_Log_File: 'binlog.000001' }, 'connected'],
    ['refused for want of the right', { Replica_IO_Running: 'No', Last_IO_Errno: 13120, Last_IO_Error: 'Access denied', Source_Log_File: '' }, 'answered'],
    ['answered that the log is gone', { Replica_IO_Running: 'No', Last_IO_Errno: 13114, Source_Log_File: '' }, 'connected'],
    ['nobody there', { Slave_IO_Running: 'Connecting', Last_IO_Errno: 2003, Master_Log_File: '' }, 'unreachable'],
  ])('%s', (_what, row, result) => expect(verdictOf(replicaStatusOf(row))?.result ?? null).toBe(result));
});
