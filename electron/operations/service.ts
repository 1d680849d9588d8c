import * as v from 'valibot';
import { id } from '../../shared/contract/inputs';
import type { InstanceView } from '../../shared/domain/fleet/view';
import { builtOperations, operations, permission, type Operation, type Permission } from '../../shared/domain/fleet/policy';
import { isReplicaRole } from '../../shared/domain/fleet/role';
import { failure } from '../../shared/errors/codes';
import type { OperationsService } from './types';
import { audited } from '../fleet/audited';
import type { FleetGroups, FleetInventory, FleetObserved } from '../fleet/types';
import type { AuditLog } from '../storage/types';
import { transferProject } from './transfer-project';

/** Runs one operation on an instance whose permission has been checked. Throws `invalid-input` on input of another form. */
type OperationHandler = (fleet: FleetGroups & FleetObserved, instanceId: string, input: Record<string, unknown>) => Promise<void>;

const handlers: Partial<Record<Operation, OperationHandler>> = {
  'transfer-project': transferProject,
};

/**
 * The ten operations (S6, S7) behind one policy. `list` is for the look; `run` is the truth: it reads the server again,
 * concludes its role, and refuses what the policy locks, whatever a window shows. Refusals are in the audit log.
 */
export function createOperations({ fleet, audit }: { fleet: FleetInventory & FleetGroups & FleetObserved; audit: AuditLog }): OperationsService {
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
        const view = await fleet.refresh(instanceId);
        const allowed = permissionOf(view, operation);
        if (!allowed.allowed) throw refusal(fleet, view, operation, allowed.reason);
        const handler = handlers[operation];
        if (handler === undefined) throw failure('operation-unavailable', { operation, name });
        await handler(fleet, instanceId, input);
      });
    },
  };
}

/** The policy on the role as it is known now; a server that is not being read has no role to rely on. */
function permissionOf(view: InstanceView, operation: Operation): Permission {
  return permission(view.health.state === 'reachable' ? view.role : keepLocked(view), operation);
}

/** While it is away, a replica stays locked as what it is; anything else is not known any more. */
function keepLocked({ role }: InstanceView): InstanceView['role'] {
  return isReplicaRole(role) || role === 'fenced' ? role : 'unknown';
}

type Reason = Exclude<Permission, { allowed: true }>['reason'];

function refusal(fleet: FleetInventory & FleetObserved, view: InstanceView, operation: Operation, reason: Reason): Error {
  const { name } = view.instance;
  if (reason === 'role-unknown') return failure('role-unknown', { name });
  const primaryId = primaryOf(fleet, view);
  return failure('operation-locked', { operation, name, primary: primaryId === null ? '—' : fleet.instance(primaryId).name });
}

/** The primary that a replica follows in the end: where the operation can be done instead. */
function primaryOf(fleet: FleetInventory & FleetObserved, view: InstanceView): string | null {
  if (view.instance.intent.kind === 'fenced') return fleet.instances().some((one) => one.id === successorOf(view)) ? successorOf(view) : null;
  const seen = new Set([view.instance.id]);
  let next = view.sourceId;
  let last: string | null = null;
  while (next !== null && !seen.has(next)) {
    seen.add(next);
    last = next;
    next = fleet.view(next).sourceId;
  }
  return last;
}

function successorOf({ instance }: InstanceView): string | null {
  return instance.intent.kind === 'fenced' ? instance.intent.successorId : null;
}
