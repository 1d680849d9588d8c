import { rmSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import {
  mostFavourites, withinBounds, type Favourite, type KeptTabs, type RememberedStatement, type SqlMemory,
} from '../../../shared/domain/operations/sql/kept';
import { statementStates } from '../../../shared/domain/operations/sql/run';
import { sqlKinds } from '../../../shared/domain/operations/sql/statement-kind';
import { failure, type AppError } from '../../../shared/errors/codes';
import { openDocument, type OpenDocument } from '../../storage/document';
import { storageFailure } from '../../storage/storage-failure';

const error: v.GenericSchema<unknown, AppError> = v.custom<AppError>(
  (value) => typeof value === 'object' && value !== null && 'code' in value && typeof value.code === 'string' && 'params' in value,
);
const memorySchema = v.object({
  statements: v.array(v.object({
    id: v.string(), at: v.number(), actor: v.string(), database: v.nullable(v.string()), sql: v.string(), hidden: v.boolean(), cut: v.boolean(),
    kind: v.picklist(sqlKinds), state: v.picklist([...statementStates, 'begun']), rows: v.nullable(v.number()), ms: v.number(), error: v.nullable(error),
    gtid: v.nullable(v.string()),
  })),
  favourites: v.array(v.object({
    id: v.string(), name: v.string(), at: v.number(), actor: v.string(), text: v.string(), database: v.string(), hidden: v.boolean(),
  })),
});
const tabsSchema = v.object({
  tabs: v.array(v.object({ id: v.string(), name: v.string(), text: v.string(), database: v.string(), hidden: v.optional(v.boolean(), false) })),
  active: v.string(),
});
type MemoryFile = v.InferOutput<typeof memorySchema>;
type TabsFile = v.InferOutput<typeof tabsSchema>;

/** What is kept of the SQL of each instance: what ran, favourites, and the texts of its page; a file each in the folder `sql`. */
export class SqlBook {
  readonly #folder: string;
  readonly #memories = new Map<string, OpenDocument<MemoryFile>>();
  readonly #tabs = new Map<string, OpenDocument<TabsFile>>();

  constructor(dataFolder: string) {
    this.#folder = join(dataFolder, 'sql');
  }

  /** See `openDocument` for what it throws. */
  memory(instanceId: string): SqlMemory {
    return this.#memory(instanceId).get();
  }

  /** Adds statements, in the order they run. */
  remember(instanceId: string, statements: readonly RememberedStatement[]): void {
    this.#memory(instanceId).update((old) => ({ ...old, statements: [...withinBounds([...[...statements].reverse(), ...old.statements])] }));
  }

  /** What became of statements, by their ids; null: they are not remembered. One that was deleted meanwhile is not brought back. */
  settle(instanceId: string, ended: ReadonlyMap<string, RememberedStatement | null>): void {
    this.#memory(instanceId).update((old) => ({
      ...old,
      statements: old.statements.flatMap((one) => {
        const now = ended.get(one.id);
        return now === undefined ? [one] : now === null ? [] : [now];
      }),
    }));
  }

  /** `ids` null: all of them. */
  forgetStatements(instanceId: string, ids: readonly string[] | null): void {
    this.#memory(instanceId).update((old) => ({ ...old, statements: ids === null ? [] : old.statements.filter(({ id }) => !ids.includes(id)) }));
  }

  /** Takes the place of one of its name. @throws Failure `invalid-input` where there are too many */
  keepFavourite(instanceId: string, favourite: Favourite): void {
    this.#memory(instanceId).update((old) => {
      const others = old.favourites.filter(({ name }) => name !== favourite.name);
      if (others.length >= mostFavourites) throw failure('invalid-input', { field: 'favourites', reason: String(mostFavourites) });
      return { ...old, favourites: [...others, favourite].sort((a, b) => a.name.localeCompare(b.name)) };
    });
  }

  forgetFavourite(instanceId: string, id: string): void {
    this.#memory(instanceId).update((old) => ({ ...old, favourites: old.favourites.filter((one) => one.id !== id) }));
  }

  tabs(instanceId: string): KeptTabs {
    return this.#tabsOf(instanceId).get();
  }

  keepTabs(instanceId: string, { tabs, active }: KeptTabs): void {
    this.#tabsOf(instanceId).set({ tabs: [...tabs], active });
  }

  /** Nothing stays of an instance that was removed. */
  forget(instanceId: string): void {
    this.#memories.delete(instanceId);
    this.#tabs.delete(instanceId);
    for (const name of [memoryName(instanceId), tabsName(instanceId)]) {
      for (const ending of ['.json', '.json.previous', '.quarantine.jsonl']) {
        const file = join(this.#folder, `${name}${ending}`);
        try {
          rmSync(file, { force: true });
        } catch (error) {
          throw storageFailure(error, file);
        }
      }
    }
  }

  #memory(instanceId: string): OpenDocument<MemoryFile> {
    return opened(this.#memories, instanceId, () => openDocument({
      dataFolder: this.#folder, name: memoryName(instanceId), version: 1, schema: memorySchema, empty: { statements: [], favourites: [] },
    }));
  }

  #tabsOf(instanceId: string): OpenDocument<TabsFile> {
    return opened(this.#tabs, instanceId, () => openDocument({
      dataFolder: this.#folder, name: tabsName(instanceId), version: 1, schema: tabsSchema, empty: { tabs: [], active: '' },
    }));
  }
}

const memoryName = (instanceId: string): string => `history-${instanceId}`;
const tabsName = (instanceId: string): string => `tabs-${instanceId}`;

function opened<Value>(all: Map<string, OpenDocument<Value>>, instanceId: string, open: () => OpenDocument<Value>): OpenDocument<Value> {
  const document = all.get(instanceId) ?? open();
  all.set(instanceId, document);
  return document;
}
