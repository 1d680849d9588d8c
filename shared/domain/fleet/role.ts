/**
 * What an instance is, as its own facts, its links and the user's intent tell. `read-only` spreads the reads of a primary
 * in the primary's own region; `local-replica` stands behind a DR standby in the standby's own region (S2).
 */
export const roles = ['primary', 'standby', 'local-replica', 'read-only', 'stand-alone', 'fenced', 'unknown'] as const;
export type Role = (typeof roles)[number];

/** True for what follows another server: a standby, its local replica, a read-only instance. */
export function isReplicaRole(role: Role): role is 'standby' | 'local-replica' | 'read-only' {
  return role === 'standby' || role === 'local-replica' || role === 'read-only';
}
