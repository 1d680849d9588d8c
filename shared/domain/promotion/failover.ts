// Lists of sources that a receiver turns to by itself when it loses its own (asynchronous connection failover, 8.0.22+).
import type { Endpoint } from '../fleet/instance';

/** One entry of a channel's list. */
export interface FailoverSource extends Endpoint {
  readonly channel: string;
  readonly networkNamespace: string;
  readonly weight: number;
}

/** The lists of one replica. */
export interface FailoverLists {
  readonly sources: readonly FailoverSource[];
  /** Channels whose receiver uses its list (SOURCE_CONNECTION_AUTO_FAILOVER). */
  readonly switched: readonly string[];
  /** Channels whose list is kept by the server itself, from the members of a group: what is taken off comes back. */
  readonly managed: readonly string[];
}

export const noFailover: FailoverLists = { sources: [], switched: [], managed: [] };

/** What is to be done to one channel's list. */
export interface FailoverChange {
  readonly remove: readonly FailoverSource[];
  /** The new primary is put on it. */
  readonly add: FailoverSource | null;
  /** The receiver may not use its list any more. */
  readonly switchOff: boolean;
}

/**
 * What keeps a receiver from finding its way to a server that is not trusted. What is known to be that one is taken off. The list is used on
 * only where every server that is left on it is known and trusted: the same server may stand there by another name.
 */
export function failoverChange(
  lists: FailoverLists,
  channel: string,
  { primary, untrusted, isTrusted }: {
    readonly primary: Endpoint;
    readonly untrusted: (endpoint: Endpoint) => boolean;
    readonly isTrusted: (endpoint: Endpoint) => boolean;
  },
): FailoverChange {
  const own = lists.sources.filter((one) => one.channel === channel);
  const remove = own.filter(untrusted);
  const left = own.filter((one) => !untrusted(one));
  const isOn = lists.switched.includes(channel);
  const switchOff = isOn && (lists.managed.includes(channel) || !left.every(isTrusted));
  const isThere = left.some(({ host, port }) => host.toLowerCase() === primary.host.toLowerCase() && port === primary.port);
  const heaviest = Math.max(50, ...own.map(({ weight }) => weight));
  const add = isOn && !switchOff && !isThere ? { channel, host: primary.host, port: primary.port, networkNamespace: '', weight: heaviest } : null;
  return { remove, add, switchOff };
}
