import { errorOf } from '../../shared/errors/codes';

/** The failure is one of reaching a server, not of what it was asked. */
export function isAway(thrown: unknown): boolean {
  const { code } = errorOf(thrown);
  return ['connection-lost', 'tcp-refused', 'tcp-timeout', 'host-unreachable', 'dns-failed'].includes(code);
}
