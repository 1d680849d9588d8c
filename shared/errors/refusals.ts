import type { ErrorCode } from './codes';

/**
 * Failures that are a check, a guard, a word that was not typed or the user's own input saying no, before anything was changed. The one place
 * that says so: the audit log calls these refused, every other one failed, and the terminal ends with the code of a refusal.
 */
const refusals: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  // what was asked for
  'invalid-input', 'sql-left-out', 'unknown-method', 'not-found', 'name-taken', 'not-empty', 'confirm-mismatch', 'confirm-missing',
  'scope-unchanged', 'scope-not-partial',
  'result-gone', 'value-too-large',
  'scope-beyond-source', 'scope-has-replicas', 'filters-at-start-only', 'seed-impossible', 'not-skippable', 'relay-log-needed',
  // servers and the roles that they have
  'product-unsupported', 'version-unsupported', 'gtid-off', 'same-server', 'different-server', 'source-is-target', 'target-is-source', 'target-is-replica',
  'target-fenced', 'target-has-data', 'has-standbys', 'has-fenced', 'role-unknown', 'not-a-standby', 'not-succeeded', 'read-only-server', 'standby-cannot-move',
  'nothing-to-acknowledge', 'problems-changed', 'watch-needed', 'watch-paused', 'nothing-to-undo',
  'transfer-primary-changed', 'not-read-only-instance', 'read-only-elsewhere', 'read-only-runs', 'receiver-needed', 'delay-needs-log',
  'already-applied', 'transaction-not-pending', 'waiting-log-purged',
  // what else is under way, and what was looked at before
  'has-task', 'read-only-partial', 'operation-locked', 'operation-unavailable', 'checks-failed',
  'warnings-not-accepted', 'precondition-failed', 'plan-expired', 'plan-outdated', 'lock-held',
  'task-state', 'task-unreadable', 'stop-unclear', 'past-no-return', 'promotion-pending', 'opening-barred',
  'failback-stage', 'failback-not-secured', 'failback-foreign', 'failback-diverged', 'failback-log-gone', 'failback-prepared-xa', 'failback-no-way',
  'failback-set-back', 'failback-undo-impossible', 'failback-unproven',
  'rollback-too-many', 'rollback-too-large', 'import-file', 'file-unwritable',
  'backup-newer', 'backup-old-moments', 'backup-passphrase', 'backup-rights', 'backup-incomplete', 'backup-in-use', 'restore-in-the-way', 'restore-not-empty',
  'practice-unavailable', 'restore-log-gap', 'restore-read-only', 'passphrase-not-kept', 'passphrase-missing',
  // the program's own house
  'inventory-newer', 'inventory-broken', 'vault-locked', 'audit-unwritable', 'password-missing', 'password-elsewhere', 'password-not-remembered',
  'already-served', 'link-idle',
]);

/** Whether a failure with this code was a refusal: nothing was changed. */
export const isRefused = (code: ErrorCode): boolean => refusals.has(code);
