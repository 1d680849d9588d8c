import type { Engine } from './engine-types';
import { createAccounts } from './operations/accounts/service';
import { createCharset } from './operations/charset/service';
import { createGtidChange } from './operations/gtid/service';
import { createParameters } from './operations/parameters/service';
import { createOperations } from './operations/service';

type Parts = Parameters<typeof createGtidChange>[0] & Parameters<typeof createParameters>[0] & Parameters<typeof createAccounts>[0];

/** The operations of an instance, those that have a service of their own among them. */
export function createOperationServices(
  { dataFolder, fleet, tasks, audit, clock }: Parts & Omit<Parameters<typeof createOperations>[0], 'parameters'>,
): Pick<Engine, 'operations' | 'accounts' | 'charset' | 'parameters' | 'gtid'> {
  const parameters = createParameters({ dataFolder, fleet, audit, clock });
  return {
    operations: createOperations({ fleet, audit, parameters }),
    accounts: createAccounts({ fleet, audit, clock }),
    charset: createCharset({ fleet, tasks, audit, clock }),
    parameters,
    gtid: createGtidChange({ fleet, tasks, audit, clock }),
  };
}
