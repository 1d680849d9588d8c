import type { Engine } from './engine-types';
import { createAccounts } from './operations/accounts/service';
import { createCharset } from './operations/charset/service';
import { createGtidChange } from './operations/gtid/service';
import { createParameters } from './operations/parameters/service';
import { createPort } from './operations/port/service';
import { createRollback } from './operations/rollback/service';
import { createOperations } from './operations/service';

type Parts = Parameters<typeof createPort>[0] & Parameters<typeof createGtidChange>[0]
  & Parameters<typeof createParameters>[0] & Parameters<typeof createAccounts>[0] & Parameters<typeof createRollback>[0];

/** The operations of an instance, those that have a service of their own among them. */
export function createOperationServices(
  { dataFolder, fleet, tasks, audit, clock, backups }: Parts & Omit<Parameters<typeof createOperations>[0], 'parameters'>,
): Pick<Engine, 'operations' | 'accounts' | 'charset' | 'port' | 'parameters' | 'rollback' | 'gtid'> {
  const parameters = createParameters({ dataFolder, fleet, audit, clock });
  return {
    operations: createOperations({ fleet, audit, parameters }),
    accounts: createAccounts({ fleet, audit, clock }),
    charset: createCharset({ fleet, tasks, audit, clock }),
    parameters,
    port: createPort({ fleet, tasks, audit, clock }),
    rollback: createRollback({ dataFolder, fleet, tasks, audit, clock, backups }),
    gtid: createGtidChange({ fleet, tasks, audit, clock }),
  };
}
