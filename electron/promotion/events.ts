import { quoteAccount, quoteTable } from '../mysql/quote';
import type { Json } from '../tasks/types';
import type { Hand } from './crew';

/** A scheduled event that ran on the old primary. */
export interface ScheduledEvent {
  readonly schema: string;
  readonly name: string;
  readonly definer: string;
  readonly sqlMode: string;
  readonly timeZone: string;
}

export const ENABLED_EVENTS = "SELECT EVENT_SCHEMA AS `schema`, EVENT_NAME AS name, DEFINER AS definer, SQL_MODE AS sqlMode, TIME_ZONE AS timeZone FROM information_schema.EVENTS WHERE STATUS = 'ENABLED' ORDER BY EVENT_SCHEMA, EVENT_NAME";

/** Events that are enabled on a server. */
export async function enabledEvents(hand: Hand): Promise<ScheduledEvent[]> {
  return hand.sql<ScheduledEvent>('control', ENABLED_EVENTS);
}

/** Events that replication disabled on this server: they ran on the old primary. The word changed in 8.0.22. */
export const REPLICA_SIDE_DISABLED =
  'SELECT EVENT_SCHEMA AS `schema`, EVENT_NAME AS name, DEFINER AS definer, SQL_MODE AS sqlMode, TIME_ZONE AS timeZone FROM information_schema.EVENTS ' +
  "WHERE STATUS IN ('SLAVESIDE_DISABLED', 'REPLICA_SIDE_DISABLED')";

/** Events that replication disabled on a server. */
export async function disabledEvents(hand: Hand): Promise<ScheduledEvent[]> {
  return hand.sql<ScheduledEvent>('control', REPLICA_SIDE_DISABLED);
}

/**
 * Enables on the new primary what was enabled on the old one. Definer, sql_mode and time zone stay the event's own. On
 * every replica the server itself turns the replicated ALTER EVENT into "disabled on the replica side". Returns the
 * events that could not be enabled, each with the server's text.
 */
export async function enableEvents(hand: Hand, events: readonly ScheduledEvent[]): Promise<readonly { readonly event: string; readonly reason: string }[]> {
  const missed: { event: string; reason: string }[] = [];
  for (const event of events) {
    try {
      await hand.sql('control', EVENT_SESSION, [event.sqlMode, event.timeZone]);
      await hand.sql('control', enabling(event));
    } catch (thrown) {
      missed.push({ event: `${event.schema}.${event.name}`, reason: thrown instanceof Error ? thrown.message : String(thrown) });
    }
  }
  return missed;
}

const EVENT_SESSION = 'SET SESSION sql_mode = ?, time_zone = ?';
const enabling = ({ definer, schema, name }: ScheduledEvent): string => `ALTER DEFINER = ${definerOf(definer)} EVENT ${quoteTable(schema, name)} ENABLE`;

/** The statements of `enableEvents`. */
export function enablingStatements(events: readonly ScheduledEvent[]): readonly string[] {
  return events.flatMap((event) => [EVENT_SESSION, enabling(event)]);
}

/** `user@host` of the data dictionary as an account name; the last @ divides. */
function definerOf(definer: string): string {
  const at = definer.lastIndexOf('@');
  return quoteAccount({ user: definer.slice(0, at), host: definer.slice(at + 1) });
}

/** For the task's durable memory. */
export function eventsToJson(events: readonly ScheduledEvent[]): Json {
  return events.map(({ schema, name, definer, sqlMode, timeZone }) => ({ schema, name, definer, sqlMode, timeZone }));
}

export function eventsFromJson(json: Json | undefined): ScheduledEvent[] {
  return Array.isArray(json) ? (json as unknown as ScheduledEvent[]) : [];
}
