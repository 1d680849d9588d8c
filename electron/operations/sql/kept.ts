import { randomUUID } from 'node:crypto';
import type { FleetInventory } from '../../fleet/types';
import { actorName } from '../../storage/actor';
import type { SqlBook } from './book';
import { keptText } from './kept-text';
import type { SqlKeeper } from './types';

/** What is kept of an instance's SQL: texts, favourites and what ran. Nothing on a server; each text without what may be a secret. */
export function createKept(book: SqlBook, fleet: Pick<FleetInventory, 'instance'>, clock: () => number): SqlKeeper {
  // Nothing is kept for an instance that is not there (any more).
  const known = (instanceId: string): string => fleet.instance(instanceId).id;
  return {
    memory: (instanceId) => book.memory(known(instanceId)),
    forgetStatements: (instanceId, ids) => book.forgetStatements(known(instanceId), ids),
    keepFavourite: (instanceId, { name, text, database }) => {
      const favourite = { id: randomUUID(), name, at: clock(), actor: actorName(), database, ...keptText(text) };
      book.keepFavourite(known(instanceId), favourite);
      return favourite;
    },
    forgetFavourite: (instanceId, id) => book.forgetFavourite(known(instanceId), id),
    tabs: (instanceId) => book.tabs(known(instanceId)),
    keepTabs: (instanceId, { tabs, active }) => {
      const kept = tabs.map((one) => ({ ...one, ...keptText(one.text) }));
      book.keepTabs(known(instanceId), { tabs: kept, active });
      return kept.filter(({ hidden }) => hidden).map(({ id }) => id);
    },
  };
}
