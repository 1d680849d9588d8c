import type { verifiedBy } from './trust';

/** What is proven of a source before a link sends it anything, as the user chose for that server. */
type Verification = ReturnType<typeof verifiedBy>;

/** How a link is protected, in the settings of its replica. */
export interface LinkProtection {
  readonly tls: boolean;
  /** A path on the replica's own disk; '' names none. */
  readonly caFile: string;
  /** The name in the certificate is checked too. */
  readonly verifyCertificate: boolean;
}

/** CR_SSL_CONNECTION_ERROR: what the receiver, a client, says of a certificate that it does not take. */
export const certificateRefused = 2026;

export interface ProtectionReading {
  /** Both servers offer TLS in a version that the other takes. */
  readonly encrypted: boolean;
  readonly chosen: Verification;
  /** The CA file that the replica is set up with (ssl_ca); '' where it has none. A workstation cannot put one there. */
  readonly ownFile: string;
  /** The link that is continued, or whose way back this is; null: a new one. */
  readonly model: LinkProtection | null;
}

/** Whether a link with this protection proves anything of its source. */
export function verifies({ tls, caFile, verifyCertificate }: LinkProtection): boolean {
  return tls && (caFile !== '' || verifyCertificate);
}

/** A link that proves nothing of its source. */
export function unverified(tls: boolean): LinkProtection {
  return { tls, caFile: '', verifyCertificate: false };
}

/**
 * How a link may be protected, the best first: each is tried where the one before it is refused for the certificate. What proves nothing is
 * among them where the user chose no more for that server, or where the link that it follows proves nothing either: a link that verifies
 * never becomes one that does not against that choice.
 */
export function linkProtections({ encrypted, chosen, ownFile, model }: ProtectionReading): readonly [LinkProtection, ...LinkProtection[]] {
  if (!encrypted) return [unverified(false)];
  const modelled = model !== null && verifies(model);
  if (chosen === 'nothing' && !modelled) return [unverified(true)];
  const verifyCertificate = chosen === 'identity' || (modelled && model.verifyCertificate);
  const files = [...new Set([...(modelled ? [model.caFile] : []), ...(ownFile === '' ? [] : [ownFile])])];
  const proving = files.map((caFile): LinkProtection => ({ tls: true, caFile, verifyCertificate }));
  const open = chosen === 'nothing' || !modelled ? [unverified(true)] : [];
  const [first = unverified(true), ...others] = [...proving, ...open];
  return [first, ...others];
}
