// What becomes of scheduled events when the roles change. Replication disables an event on the replica whatever it was on the source
// (SLAVESIDE_DISABLED, later REPLICA_SIDE_DISABLED): what it was can only be learned from the source.

export type EventState = 'enabled' | 'disabled' | 'side-disabled';

/** A scheduled event as one server has it. Texts are the server's. */
export interface ScheduledEvent {
  readonly schema: string;
  readonly name: string;
  readonly definer: string;
  readonly sqlMode: string;
  readonly timeZone: string;
  readonly state: EventState;
}

/** Events with the state that they are to get. */
export interface EventChanges {
  readonly changes: readonly ScheduledEvent[];
  /** Ran on the source and are not on the standby, as `schema.name`. */
  readonly missing: readonly string[];
  /** Replication disabled them, and nobody knows what they were on the source, as `schema.name`. */
  readonly unsure: readonly string[];
}

const nameOf = ({ schema, name }: ScheduledEvent): string => `${schema}.${name}`;

/**
 * What makes the events of the standby as the source had them. One that replication disabled on the source itself never
 * ran there, and stays as it is.
 */
export function carriedEvents(source: readonly ScheduledEvent[], standby: readonly ScheduledEvent[]): EventChanges {
  const there = new Map(standby.map((event) => [nameOf(event), event]));
  const changes: ScheduledEvent[] = [];
  const missing: string[] = [];
  for (const { state, ...event } of source) {
    const name = `${event.schema}.${event.name}`;
    const copy = there.get(name);
    if (copy === undefined && state === 'enabled') missing.push(name);
    if (copy !== undefined && state !== 'side-disabled' && copy.state !== state) changes.push({ ...copy, state });
  }
  return { changes, missing, unsure: [] };
}

/**
 * The same where the source is gone: by what it was seen to have, else by how many it had enabled when it was last seen.
 * Where that does not settle it nothing is switched on by guess.
 */
export function eventsAfterLoss(standby: readonly ScheduledEvent[], source: readonly ScheduledEvent[] | null, lastEnabled: number | null): EventChanges {
  if (source !== null) return carriedEvents(source, standby);
  const disabled = standby.filter(({ state }) => state === 'side-disabled');
  if (lastEnabled === 0) return { changes: [], missing: [], unsure: [] };
  if (lastEnabled !== disabled.length) return { changes: [], missing: [], unsure: disabled.map(nameOf) };
  return { changes: disabled.map((event) => ({ ...event, state: 'enabled' })), missing: [], unsure: [] };
}
