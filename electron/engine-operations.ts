import type { Backups } from './backup/service';
import type { Engine } from './engine-types';
import { createAccounts } from './operations/accounts/service';
import { createCharset } from './operations/charset/service';
import { createGtidChange } from './operations/gtid/service';
import { createImport } from './operations/import/service';
import { createParameters } from './operations/parameters/service';
import { createPort } from './operations/port/service';
import { createRollback } from './operations/rollback/service';
import { createReadOnly } from './operations/read-only/service';
import { createOperations } from './operations/service';
import { createTransfer } from './operations/transfer/service';
import { createSql } from './operations/sql/service';

type Parts = Parameters<typeof createPort>[0] & Parameters<typeof createGtidChange>[0]
  & Parameters<typeof createParameters>[0] & Parameters<typeof createAccounts>[0] & Omit<Parameters<typeof createRollback>[0], 'backups' | 'forward'>
  & Parameters<typeof createTransfer>[0] & Parameters<typeof createReadOnly>[0] & { readonly backups: Pick<Backups, 'beside'> };

/** The operations of an instance, those that have a service of their own among them. */
export function createOperationServices(
  { dataFolder, fleet, tasks, audit, clock, sync, backups, hold, standing }: Parts & Omit<Parameters<typeof createOperations>[0], 'parameters' | 'transfer'>,
): Pick<Engine, 'operations' | 'accounts' | 'charset' | 'port' | 'parameters' | 'rollback' | 'sql' | 'imports' | 'transfer' | 'readOnly' | 'gtid'> {
  const parameters = createParameters({ dataFolder, fleet, audit, clock });
  const transfer = createTransfer({ dataFolder, fleet, audit, clock });
  return {
    operations: createOperations({ fleet, audit, parameters, transfer }),
    accounts: createAccounts({ fleet, audit, clock }),
    charset: createCharset({ fleet, tasks, audit, clock }),
    parameters,
    sql: createSql({ dataFolder, fleet, audit, clock }),
    imports: createImport({ dataFolder, fleet, tasks, audit, clock }),
    port: createPort({ fleet, tasks, audit, clock }),
    rollback: createRollback({ dataFolder, fleet, tasks, audit, clock, backups: wholeBackups(backups), forward: backups.beside }),
    transfer,
    readOnly: createReadOnly({ dataFolder, fleet, tasks, audit, clock, sync, backups, hold, standing }),
    gtid: createGtidChange({ fleet, tasks, audit, clock }),
  };
}

/** The whole backups of an instance, newest first, for the operations that go back to one. */
const wholeBackups = (backups: Pick<Backups, 'list'>) => async (instanceId: string) => (await backups.list())
  .filter((one) => one.instanceId === instanceId && one.state === 'complete')
  .map(({ id, startedAt, gtidSet }) => ({ id, at: startedAt, gtidSet }))
  .sort((a, b) => b.at - a.at);
