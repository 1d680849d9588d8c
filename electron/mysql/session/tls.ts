import { constants } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, rootCertificates, type SecureVersion } from 'node:tls';
import type { TlsSettings } from '../../../shared/domain/fleet/instance';
import { checksIdentity } from '../../../shared/domain/fleet/trust';
import { atLeast, type ServerVersion } from '../../../shared/domain/fleet/version';

/** How to encrypt: options of Node's TLS, and whether the name is checked. */
export interface TlsPlan extends Floor {
  readonly rejectUnauthorized: boolean;
  readonly verifyIdentity: boolean;
  readonly ca?: string[];
}

/** The weakest that is accepted. */
interface Floor {
  readonly minVersion: SecureVersion;
  readonly ciphers?: string;
  readonly secureOptions?: number;
}

/**
 * How to encrypt to a server of this version, or null for a connection in the clear.
 *
 * Servers before 8.0 may have been built with a library that knows TLS 1.0 or 1.1 only and signs with what is called
 * weak today; for them, and for them only, the floor is lowered. The version is what the greeting claims: a liar gains
 * an old protocol, never an unverified certificate. Manual: "Encrypted Connection TLS Protocols and Ciphers".
 */
export function tlsPlan(settings: TlsSettings, version: ServerVersion, offered: boolean): TlsPlan | null {
  switch (settings.mode) {
    case 'off':
      return null;
    case 'preferred':
      return offered ? { rejectUnauthorized: false, verifyIdentity: false, ...floorFor(version) } : null;
    case 'verify':
    case 'verify-identity':
      return {
        rejectUnauthorized: true,
        verifyIdentity: checksIdentity(settings),
        ca: settings.ca === null ? systemCas() : [settings.ca],
        ...floorFor(version),
      };
  }
}

function floorFor(version: ServerVersion): Floor {
  if (atLeast(version, 8, 0, 0)) return { minVersion: 'TLSv1.2' };
  const ciphers = oldCiphers();
  // Those servers know no secure renegotiation either; OpenSSL 3 does not talk to them without being told.
  const secureOptions = (constants as Partial<typeof constants>).SSL_OP_LEGACY_SERVER_CONNECT ?? 0;
  return { minVersion: 'TLSv1', secureOptions, ...(ciphers === undefined ? {} : { ciphers }) };
}

let knownOldCiphers: { readonly value: string | undefined } | undefined;

/**
 * OpenSSL refuses TLS 1.0 above security level 0, and the short Diffie-Hellman keys of 5.6 at every level (such a server
 * then takes RSA). Electron's BoringSSL has neither and may not take such a word.
 */
function oldCiphers(): string | undefined {
  if (knownOldCiphers === undefined) {
    const word = 'DEFAULT:!kDHE@SECLEVEL=0';
    try {
      createSecureContext({ ciphers: word });
      knownOldCiphers = { value: word };
    } catch {
      knownOldCiphers = { value: undefined };
    }
  }
  return knownOldCiphers.value;
}

const SYSTEM_CA_FILES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** The CAs of Node and, where the system keeps a bundle, those of the system (a company's own CA is often only there). */
function systemCas(): string[] {
  for (const file of SYSTEM_CA_FILES) {
    try {
      return [...rootCertificates, readFileSync(file, 'utf8')];
    } catch {
      // Not on this system; try the next.
    }
  }
  return [...rootCertificates];
}
