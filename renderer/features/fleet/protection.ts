import type { Role } from '../../../shared/domain/fleet/role';

/** S13: what takes part in the protection of something has an icon that opens its dependency view. */
export function hasDependencies(role: Role): boolean {
  return role === 'primary' || role === 'standby' || role === 'local-replica';
}
