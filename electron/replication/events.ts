import * as v from 'valibot';
import type { ScheduledEvent } from '../../shared/domain/promotion/events';
import { quoteAccount, quoteTable } from '../mysql/quote';
import { atLeast, type ServerVersion } from '../../shared/domain/fleet/version';
import type { Session } from '../mysql/types';
import type { Server } from './servers';

export const EVENTS =
  'SELECT EVENT_SCHEMA AS `schema`, EVENT_NAME AS name, DEFINER AS definer, SQL_MODE AS sqlMode, TIME_ZONE AS timeZone, ' +
  'CHARACTER_SET_CLIENT AS `charset`, COLLATION_CONNECTION AS `collation`, ' +
  'CAST(UNIX_TIMESTAMP(LAST_ALTERED) AS SIGNED) AS alteredAt, ' +
  "CASE STATUS WHEN 'ENABLED' THEN 'enabled' WHEN 'DISABLED' THEN 'disabled' ELSE 'side-disabled' END AS state " +
  'FROM information_schema.EVENTS ORDER BY EVENT_SCHEMA, EVENT_NAME';

/** Every scheduled event of a server that its administrator may see. */
export async function readEvents(server: Server): Promise<ScheduledEvent[]> {
  const { version } = await server.dialect();
  return (await server.sql<EventRow>('control', EVENTS)).map((row) => eventOf(row, version));
}

/** As `readEvents`, over a session. */
export async function eventsOn(session: Pick<Session, 'query' | 'version'>): Promise<ScheduledEvent[]> {
  return (await session.query<EventRow>(EVENTS)).map((row) => eventOf(row, session.version));
}

/** 8.0.15 leaves LAST_ALTERED as it was when an event is enabled or disabled; 8.0.31 does not. In between nobody has looked. */
function tellsChanges(version: ServerVersion): boolean {
  return !atLeast(version, 8, 0, 0) || atLeast(version, 8, 0, 31);
}

/** The driver gives whole numbers of 64 bits as text. */
type EventRow = Omit<ScheduledEvent, 'alteredAt'> & { readonly alteredAt: number | string | null };

function eventOf(row: EventRow, version: ServerVersion): ScheduledEvent {
  return { ...row, alteredAt: row.alteredAt === null || !tellsChanges(version) ? null : Number(row.alteredAt) };
}

/**
 * Gives events the state they are to have. Definer, sql_mode and time zone stay the event's own, set on a session that does
 * nothing else: whatever becomes of it, they stay there. On every replica the
 * server itself turns the replicated ALTER EVENT into "disabled on the replica side". Returns the events that could not be
 * changed, each with the server's text.
 */
export async function changeEvents(server: Server, events: readonly ScheduledEvent[]): Promise<readonly { readonly event: string; readonly reason: string }[]> {
  const missed: { event: string; reason: string }[] = [];
  for (const event of events) {
    try {
      const { sql, params } = sessionOf(event);
      await server.sql('events', sql, params);
      await server.sql('events', alteration(event));
    } catch (thrown) {
      missed.push({ event: `${event.schema}.${event.name}`, reason: thrown instanceof Error ? thrown.message : String(thrown) });
    }
  }
  return missed;
}

/**
 * An ALTER EVENT gives an event the settings of its session, also where it says nothing of them. Our statements are sent in utf8mb4: a name
 * that is not plain would be another one in the character set of the event, and then that alone is left as it is.
 */
function sessionOf(event: ScheduledEvent): { readonly sql: string; readonly params: readonly string[] } {
  const { sqlMode, timeZone, charset, collation } = event;
  const isPlain = /^[\x20-\x7e]*$/.test(alteration(event));
  if (charset === undefined || collation === undefined || (!isPlain && charset !== 'utf8mb4')) {
    return { sql: 'SET SESSION sql_mode = ?, time_zone = ?', params: [sqlMode, timeZone] };
  }
  return {
    sql: 'SET SESSION sql_mode = ?, time_zone = ?, character_set_client = ?, collation_connection = ?',
    params: [sqlMode, timeZone, charset, collation],
  };
}

function alteration({ definer, schema, name, state }: ScheduledEvent, to = state === 'enabled' ? 'ENABLE' : 'DISABLE'): string {
  return `ALTER DEFINER = ${definerOf(definer)} EVENT ${quoteTable(schema, name)} ${to}`;
}

/**
 * Gives every enabled event the state that it has on a replica: what a clone or a restored backup brought along would run there
 * and write. On a session of its own, whose sql_mode and time zone it leaves as those of the last event. `run`: runs a statement of the work.
 */
export async function disableOnReplica(session: Session, run: (statement: string) => Promise<unknown>): Promise<void> {
  const word = atLeast(session.version, 8, 0, 22) ? 'REPLICA' : 'SLAVE';
  for (const event of await eventsOn(session)) {
    if (event.state !== 'enabled') continue;
    const { sql, params } = sessionOf(event);
    await session.run(sql, params);
    await run(alteration(event, `DISABLE ON ${word}`));
  }
}

/** The statements of `changeEvents`. */
export function eventStatements(events: readonly ScheduledEvent[]): readonly string[] {
  return events.flatMap((event) => [sessionOf(event).sql, alteration(event)]);
}

/** `user@host` of the data dictionary as an account name; the last @ divides. */
function definerOf(definer: string): string {
  const at = definer.lastIndexOf('@');
  return quoteAccount({ user: definer.slice(0, at), host: definer.slice(at + 1) });
}

/** Events as a task keeps them; one of an earlier version kept the enabled ones, without a word for it. */
export const keptEvents: v.GenericSchema<unknown, readonly ScheduledEvent[]> = v.array(
  v.object({
    schema: v.string(),
    name: v.string(),
    definer: v.string(),
    sqlMode: v.optional(v.string(), ''),
    timeZone: v.optional(v.string(), ''),
    charset: v.optional(v.string()),
    collation: v.optional(v.string()),
    state: v.optional(v.picklist(['enabled', 'disabled', 'side-disabled']), 'enabled'),
    alteredAt: v.optional(v.nullable(v.number())),
  }),
);
