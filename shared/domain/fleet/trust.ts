import type { Instance, TlsMode } from './instance';

/** Where a password goes, and what has to be proven there before it does. */
export interface Trust {
  readonly host: string;
  readonly port: number;
  readonly mode: TlsMode;
  /** PEM text of the CA; null: the system's CAs. */
  readonly ca: string | null;
}

/** How much is proven of a server before it gets a password. */
const strength: Readonly<Record<TlsMode, number>> = { off: 0, preferred: 1, verify: 2, 'verify-identity': 3 };

/**
 * Whether the name in a server's certificate is checked. A CA of the user's own signs for few servers, so that its chain alone says who it
 * is; the system's CAs sign for anybody who owns a domain, and a chain without the name proves nothing.
 */
export function checksIdentity({ mode, ca }: Pick<Trust, 'mode' | 'ca'>): boolean {
  return mode === 'verify-identity' || (mode === 'verify' && ca === null);
}

/** What is proven of a server's certificate before anything is sent to it. */
export function verifiedBy(tls: Pick<Trust, 'mode' | 'ca'>): 'nothing' | 'chain' | 'identity' {
  if (checksIdentity(tls)) return 'identity';
  return tls.mode === 'verify' ? 'chain' : 'nothing';
}

/** Where an instance's administrator logs in, and how that is protected. */
export function trustOf({ admin, tls }: Pick<Instance, 'admin' | 'tls'>): Trust {
  const ca = tls.mode === 'verify' || tls.mode === 'verify-identity' ? tls.ca : null;
  return { host: admin.host.trim().toLowerCase(), port: admin.port, mode: tls.mode, ca };
}

/**
 * Whether a password that was given for `stored` may go to `wanted` unasked: to the same address, where at least as much is proven of it
 * first. Another CA is another proof, and never as good as the one that was chosen.
 */
export function mayGoTo(stored: Trust, wanted: Trust): boolean {
  if (stored.host !== wanted.host || stored.port !== wanted.port) return false;
  const level = (trust: Trust): number => (checksIdentity(trust) ? strength['verify-identity'] : strength[trust.mode]);
  if (level(wanted) < level(stored)) return false;
  return strength[stored.mode] < strength.verify || stored.ca === wanted.ca;
}
