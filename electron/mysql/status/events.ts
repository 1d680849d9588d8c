import type { SeenEvents } from '../../../shared/domain/promotion/events';
import type { Reading } from '../reading';

/** More names than this are not kept of one server: every reading carries them. */
const MOST = 2000;
const ENABLED_EVENTS =
  "SELECT CONCAT(EVENT_SCHEMA, '.', EVENT_NAME) AS name FROM information_schema.EVENTS WHERE STATUS = 'ENABLED' " +
  `ORDER BY EVENT_SCHEMA, EVENT_NAME LIMIT ${String(MOST + 1)}`;

/**
 * The names of the events that are enabled, as `schema.name`. `count`: how many there are, if all of them are visible; `clock`: the
 * server's own, milliseconds, from before. Undefined where the list would not be whole.
 */
export async function readEnabledEvents(reading: Reading, count: number | null, clock: number | null): Promise<SeenEvents | undefined> {
  if (count === null || clock === null) return undefined;
  if (count === 0) return { enabled: [], at: clock };
  const rows = await reading.tryRows<{ name: string }>('enabledEvents', ENABLED_EVENTS);
  return rows === null || rows.length > MOST ? undefined : { enabled: rows.map(({ name }) => name), at: clock };
}
