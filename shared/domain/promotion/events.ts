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
  /** Of the session that made it; absent in what earlier versions kept. */
  readonly charset?: string | undefined;
  readonly collation?: string | undefined;
  readonly state: EventState;
  /** LAST_ALTERED, seconds since the epoch; replication carries it over. null or absent: the server does not tell its changes. */
  readonly alteredAt?: number | null | undefined;
}

/** The events that a source was seen to run, by its own clock. */
export interface SeenEvents {
  /** As `schema.name`. */
  readonly enabled: readonly string[];
  /** The source's clock when they were read, milliseconds since the epoch. */
  readonly at: number;
}

/** Events with the state that they are to get. */
export interface EventChanges {
  readonly changes: readonly ScheduledEvent[];
  /** Ran on the source and are not on the standby, as `schema.name`. */
  readonly missing: readonly string[];
  /** Nobody knows what they were on the source, and the user has not chosen them: they stay off. As `schema.name`. */
  readonly unsure: readonly string[];
  /** Nobody knows what they were on the source; the user wants them on. As `schema.name`. */
  readonly chosen: readonly string[];
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
  return { changes, missing, unsure: [], chosen: [] };
}

/**
 * The same where the source is gone: by what it was last seen to run, event by event. One that was changed after that look, and every one of
 * a source that was never seen, is off unless the user chose it: a replicated DISABLED event looks like any other on the replica.
 */
export function eventsAfterLoss(
  standby: readonly ScheduledEvent[], source: readonly ScheduledEvent[] | null, seen: SeenEvents | null, chosenNames: readonly string[],
): EventChanges {
  if (source !== null) return carriedEvents(source, standby);
  const names = standby.map(nameOf);
  // A name with dots in it may be that of two events.
  const isOne = (name: string): boolean => names.filter((other) => other === name).length === 1;
  const sideDisabled = standby.filter(({ state }) => state === 'side-disabled');
  const known = sideDisabled.filter((event) => seen !== null && isAsSeen(event, seen) && isOne(nameOf(event)));
  const unknown = sideDisabled.filter((event) => !known.includes(event)).map(nameOf);
  const chosen = unknown.filter((name) => chosenNames.includes(name) && isOne(name));
  const ran = new Set(seen?.enabled ?? []);
  const on = new Set([...known.map(nameOf).filter((name) => ran.has(name)), ...chosen]);
  return {
    changes: sideDisabled.filter((event) => on.has(nameOf(event))).map((event) => ({ ...event, state: 'enabled' })),
    missing: [...ran].filter((name) => !names.includes(name)),
    unsure: unknown.filter((name) => !chosen.includes(name)),
    chosen,
  };
}

/** Nobody has changed the event since the source was read: whole seconds, so that one of the same second counts as changed. */
function isAsSeen({ alteredAt }: ScheduledEvent, { at }: SeenEvents): boolean {
  return alteredAt !== undefined && alteredAt !== null && alteredAt < Math.floor(at / 1000);
}
