import type { Severity, Word } from './problem';

/** Where a MySQL server listens. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/**
 * How a connection is protected. `verify` checks the certificate's chain against the CA (and, where that is not one of the
 * user's own but the system's, the host name: see `checksIdentity`), `verify-identity` the host name always, `preferred`
 * encrypts without checking where the server offers TLS, `off` sends everything in the clear.
 */
export const tlsModes = ['verify', 'verify-identity', 'preferred', 'off'] as const;
export type TlsMode = (typeof tlsModes)[number];

export interface TlsSettings {
  readonly mode: TlsMode;
  /** PEM text of the CA's certificate; null: the system's CAs. */
  readonly ca: string | null;
}

/** A named place; every instance is in exactly one. */
export interface Region {
  readonly id: string;
  readonly name: string;
}

/** A named group of instances. */
export interface Project {
  readonly id: string;
  readonly name: string;
}

/** What the user means an instance to be, where the servers alone cannot tell. */
export type Intent =
  | { readonly kind: 'none' }
  /**
   * Registered as a standby (DR, another region) or a replica in the same region of `sourceId`. `local`: it is the local
   * replica of that very server and stays behind it through every promotion, whichever role that server has.
   */
  | { readonly kind: 'replica'; readonly sourceId: string; readonly local?: boolean | undefined }
  /** An old primary that was cut off from its clients and is not trusted until compared. */
  | { readonly kind: 'fenced'; readonly since: number; readonly successorId: string };

/** What tells whether a problem is still the one that somebody saw, and no worse. */
export interface SeenProblem {
  /** See `problemKey`. */
  readonly key: string;
  readonly severity: Severity;
  /** What it was about; see `subjectOf`. */
  readonly subject: string;
  /** How much of it there was; null: it has no measure. */
  readonly amount: number | null;
  /** Of a lag, which is told by its seconds (`amount`) or by these. */
  readonly transactions?: number | undefined;
}

/** Somebody knows of a problem. It is that problem as it was then: another one, or a worse one, is told again. */
export interface Acknowledged extends Word, SeenProblem {}

/** What people said about how an instance is watched; a word that is over may still stand there. */
export interface Attention {
  /** Its server is not read again and again. */
  readonly paused?: Word | undefined;
  /** Nobody is called for its problems. */
  readonly silenced?: Word | undefined;
  readonly acknowledged?: readonly Acknowledged[] | undefined;
}

/** One MySQL server we have an administrative login for. The password is kept in the vault, never here. */
export interface Instance {
  readonly id: string;
  readonly name: string;
  readonly regionId: string;
  readonly projectId: string | null;
  /** Where the administrator connects. */
  readonly admin: Endpoint;
  /** Where other servers connect for replication (S3); null: the admin endpoint. */
  readonly replication: Endpoint | null;
  /** The host of a MySQL account that covers this server when it logs in at others (see `accountHostProblem`); absent: nobody said. */
  readonly connectsFrom?: string | undefined;
  readonly user: string;
  readonly tls: TlsSettings;
  readonly intent: Intent;
  /** The server's own identity as last seen; tells the same server registered twice. */
  readonly serverUuid: string | null;
  readonly note: InstanceNote;
  /** Statements that are run by hand here only read; absent: whoever asks for writing may write. */
  readonly sqlReadOnly?: boolean | undefined;
  /** What people said about how it is watched; absent: nothing. */
  readonly attention?: Attention | undefined;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** Optional remarks of the user (S19). */
interface InstanceNote {
  readonly owner: string;
  readonly hourlyCost: string;
  readonly text: string;
}

/** An instance as the form gives it. */
export type InstanceForm = Pick<Instance, 'name' | 'regionId' | 'projectId' | 'admin' | 'replication' | 'connectsFrom' | 'user' | 'tls' | 'note'>;

/** The endpoint that other servers replicate from. */
export function replicationEndpoint(instance: Pick<Instance, 'admin' | 'replication'>): Endpoint {
  return instance.replication ?? instance.admin;
}

/** `host:port`, with brackets around an IPv6 address. */
export function formatEndpoint(endpoint: Endpoint): string {
  const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host;
  return `${host}:${endpoint.port}`;
}
