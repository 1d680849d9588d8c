import * as v from 'valibot';
import { id } from '../../shared/contract/inputs';
import { builtOperations, operations, type Operation } from '../../shared/domain/fleet/policy';
import { failure } from '../../shared/errors/codes';
import type { OperationsService } from './types';
import { audited } from '../fleet/audited';
import type { FleetInventory, FleetObserved } from '../fleet/types';
import type { AuditLog } from '../storage/types';
import { permissionOf, primaryOf, refuseLocked } from './permission';
import { setParameters } from './parameters/set';
import type { ParametersService } from './parameters/types';
import { transferOrderOf } from './transfer/run';
import type { TransferService } from './transfer/types';

interface OperationsDeps {
  readonly fleet: FleetInventory & FleetObserved;
  readonly audit: AuditLog;
  readonly parameters: ParametersService;
  readonly transfer: TransferService;
}

/** Runs one operation on an instance whose permission has been checked. Throws `invalid-input` on input of another form. */
type OperationHandler = (deps: OperationsDeps, instanceId: string, input: Record<string, unknown>) => Promise<void>;

const handlers: Partial<Record<Operation, OperationHandler>> = {
  'transfer-project': async ({ transfer }, instanceId, input) => void (await transfer.move(transferOrderOf(instanceId, input))),
  parameters: ({ parameters }, instanceId, input) => setParameters(parameters, instanceId, input),
  // Planned first, and carried out by the plan.
  port: () => Promise.reject(failure('invalid-input', { field: 'operation', reason: 'port.plan' })),
  'character-set': () => Promise.reject(failure('invalid-input', { field: 'operation', reason: 'charset.plan' })),
  rollback: () => Promise.reject(failure('invalid-input', { field: 'operation', reason: 'rollback.planUndo' })),
  'rollback-log': () => Promise.reject(failure('invalid-input', { field: 'operation', reason: 'rollback.records' })),
  accounts: () => Promise.reject(failure('invalid-input', { field: 'operation', reason: 'accounts.plan' })),
  'read-only-instance': () => Promise.reject(failure('invalid-input', { field: 'operation', reason: 'readOnly.add' })),
};

/**
 * The ten operations (S6, S7) behind one policy. `list` is for the look; `run` is the truth: it reads the server again,
 * concludes its role, and refuses what the policy locks, whatever a window shows. Refusals are in the audit log.
 */
export function createOperations(deps: OperationsDeps): OperationsService {
  const { fleet, audit } = deps;
  return {
    list: (instanceId) => {
      const view = fleet.view(instanceId);
      return operations.map((operation) => ({
        operation, permission: permissionOf(view, operation), built: builtOperations.includes(operation),
        primaryId: primaryOf(fleet, view),
      }));
    },
    run: async (instanceId, operation, input) => {
      const { name } = fleet.instance(v.parse(id, instanceId));
      await audited(audit, `operation.${operation}`, name, {}, async () => {
        await refuseLocked(fleet, instanceId, operation);
        const handler = handlers[operation];
        if (handler === undefined) throw failure('operation-unavailable', { operation, name });
        await handler(deps, instanceId, input);
      });
    },
  };
}
