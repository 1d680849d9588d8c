import type { Operation, Permission } from '../../shared/domain/fleet/policy';

/** The operations on an instance behind one policy. */
export interface OperationsService {
  list(instanceId: string): readonly { operation: Operation; permission: Permission; built: boolean; primaryId: string | null }[];
  /** Checks the policy against a fresh reading of the role, then runs. Throws `operation-locked`. */
  run(instanceId: string, operation: Operation, input: Record<string, unknown>): Promise<void>;
}
