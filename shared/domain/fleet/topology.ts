import type { Lag } from './lag';
import type { Message } from '../../i18n/message';

/** The state of one sync link, worst cause first. */
export type LinkState = 'healthy' | 'lagging' | 'connecting' | 'broken' | 'stopped' | 'not-synchronised' | 'unknown';

/** The replication relation source → replica, as the replica's facts and the user's intent tell it. */
export interface SyncLink {
  /** `<replicaId>/<channel>`. */
  readonly id: string;
  /** Registered source, else null (then `sourceHost` tells). */
  readonly sourceId: string | null;
  readonly sourceHost: string;
  readonly sourcePort: number;
  readonly sourceUuid: string | null;
  readonly replicaId: string;
  readonly channel: string;
  readonly state: LinkState;
  readonly reason: Message | null;
  readonly lag: Lag;
  readonly tls: boolean | null;
}

/** A server that takes part in replication and is not registered. */
export interface UnregisteredServer {
  readonly key: string;
  readonly host: string;
  readonly port: number | null;
  readonly uuid: string | null;
  readonly relation: 'source' | 'replica';
  /** The registered instances that it is seen from. */
  readonly seenFrom: readonly string[];
}

export interface Topology {
  readonly links: readonly SyncLink[];
  readonly unregistered: readonly UnregisteredServer[];
}
