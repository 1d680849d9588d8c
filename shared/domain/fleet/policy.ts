import type { Role } from './role';

/** The ten operations (S6, S7), in the order they are shown. */
export const operations = [
  'transfer-project',
  'rollback',
  'sql',
  'parameters',
  'character-set',
  'accounts',
  'port',
  'import',
  'rollback-log',
  'read-only-instance',
] as const;
export type Operation = (typeof operations)[number];

/** The operations that this version carries out; the others are known to the policy and arrive later. */
export const builtOperations: readonly Operation[] = [
  'sql', 'import', 'transfer-project', 'rollback', 'accounts', 'parameters', 'character-set', 'port', 'rollback-log', 'read-only-instance',
];

export type LockReason = 'standby' | 'local-replica' | 'read-only-instance' | 'fenced' | 'role-unknown';
export type Permission = { readonly allowed: true } | { readonly allowed: false; readonly reason: LockReason };

const locks: Record<Role, LockReason | null> = {
  'primary': null,
  'stand-alone': null,
  'standby': 'standby',
  'local-replica': 'local-replica',
  'read-only': 'read-only-instance',
  'fenced': 'fenced',
  'unknown': 'role-unknown',
};

/**
 * Whether an operation may run on an instance of a role: the one table that both the windows (for the look) and the
 * engine (for the truth) read. A role that cannot be determined is locked.
 */
export function permission(role: Role, _operation: Operation): Permission {
  const reason = locks[role];
  return reason === null ? { allowed: true } : { allowed: false, reason };
}
