import { errorOf, type ErrorCode } from '../../shared/errors/codes';
import type { AuditLog } from '../storage/types';

/** Codes by which something was refused before anything happened; every other failure is a failed attempt. */
const refusals: ReadonlySet<ErrorCode> = new Set([
  'invalid-input', 'not-found', 'name-taken', 'not-empty', 'confirm-mismatch', 'product-unsupported', 'version-unsupported', 'same-server',
  'different-server', 'has-standbys', 'has-task', 'password-missing', 'operation-locked', 'operation-unavailable', 'role-unknown',
  'standby-cannot-move', 'inventory-newer', 'inventory-broken', 'vault-locked', 'plan-expired', 'plan-outdated', 'precondition-failed', 'promotion-pending', 'lock-held', 'task-state', 'task-unreadable',
  'scope-unchanged', 'scope-not-partial', 'scope-beyond-source', 'scope-has-replicas', 'filters-at-start-only', 'not-a-standby', 'target-is-source', 'not-skippable', 'stop-unclear',
]);

export type AuditDetail = Readonly<Record<string, string | number | boolean | null>>;

/** Runs a change and records it in the audit log: done, refused or failed, with the code. */
export async function audited<Result>(
  audit: AuditLog,
  action: string,
  target: string,
  detail: AuditDetail,
  act: () => Result | Promise<Result>,
): Promise<Result> {
  const result = await auditedUnlessDone(audit, action, target, detail, act);
  audit.append({ action, target, outcome: 'done', detail });
  return result;
}

/** As {@link audited}, for what is recorded by its end where it goes well: a task that was started. */
export async function auditedUnlessDone<Result>(
  audit: AuditLog,
  action: string,
  target: string,
  detail: AuditDetail,
  act: () => Result | Promise<Result>,
): Promise<Result> {
  try {
    return await act();
  } catch (thrown) {
    const { code } = errorOf(thrown);
    audit.append({ action, target, outcome: refusals.has(code) ? 'refused' : 'failed', detail: { ...detail, code } });
    throw thrown;
  }
}
