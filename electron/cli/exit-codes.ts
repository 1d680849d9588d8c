import type { ErrorCode } from '../../shared/errors/codes';

/** Exit codes of the terminal: 0 done · 1 failed, state explained · 2 usage · 3 refused · 4 interrupted, can be resumed. */
export const exitCodes = { done: 0, failed: 1, usage: 2, refused: 3, interrupted: 4 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const usage: readonly ErrorCode[] = ['invalid-input', 'unknown-method', 'not-found'];

/** Failures that are a check, a guard or the policy saying no: nothing was changed. */
const refusals: readonly ErrorCode[] = [
  'name-taken', 'not-empty', 'confirm-mismatch', 'product-unsupported', 'version-unsupported', 'gtid-off', 'same-server', 'source-is-target',
  'target-is-source', 'target-is-replica', 'target-fenced', 'target-has-data', 'has-standbys', 'has-task', 'operation-locked', 'operation-unavailable',
  'role-unknown', 'not-a-standby', 'not-succeeded', 'read-only-server', 'standby-cannot-move', 'checks-failed', 'warnings-not-accepted', 'precondition-failed', 'plan-expired',
  'plan-outdated', 'lock-held', 'task-state', 'stop-unclear', 'task-unreadable', 'past-no-return', 'promotion-pending', 'opening-barred', 'scope-beyond-source', 'scope-has-replicas', 'scope-unchanged', 'scope-not-partial', 'filters-at-start-only', 'seed-impossible', 'inventory-newer', 'inventory-broken',
  'failback-stage', 'failback-not-secured', 'failback-foreign', 'failback-diverged', 'failback-log-gone', 'failback-no-way', 'failback-unproven',
  'vault-locked', 'audit-unwritable', 'password-missing', 'password-elsewhere', 'password-not-remembered',
];

/** The exit code that a failure ends the terminal with. */
export function exitCodeOf(code: ErrorCode): ExitCode {
  if (usage.includes(code)) return exitCodes.usage;
  if (refusals.includes(code)) return exitCodes.refused;
  if (code === 'cancelled') return exitCodes.interrupted;
  return exitCodes.failed;
}
