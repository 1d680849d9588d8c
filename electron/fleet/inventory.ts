import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { connectsFrom, endpoint, id, name, note, tls } from '../../shared/contract/inputs';
import { longestSubject, longestWordNote } from '../../shared/domain/fleet/attention';
import type { Instance, Project, Region } from '../../shared/domain/fleet/instance';
import { longestProblemKey, severities } from '../../shared/domain/fleet/problem';
import { failure } from '../../shared/errors/codes';
import { openDocument } from '../storage/document';
import { withKeptParts } from './kept-parts';

const named = v.object({ id, name });

const intent = v.variant('kind', [
  v.object({ kind: v.literal('none') }),
  v.object({ kind: v.literal('replica'), sourceId: id, local: v.optional(v.boolean()) }),
  v.object({ kind: v.literal('fenced'), since: v.number(), successorId: id }),
]);

const said = {
  by: v.pipe(v.string(), v.maxLength(600)), since: v.number(), until: v.nullable(v.number()),
  note: v.pipe(v.string(), v.maxLength(longestWordNote)),
};
const attention = v.object({
  paused: v.optional(v.object(said)),
  silenced: v.optional(v.object(said)),
  acknowledged: v.optional(v.pipe(v.array(v.object({
    ...said, key: v.pipe(v.string(), v.maxLength(longestProblemKey)), severity: v.picklist(severities),
    subject: v.pipe(v.string(), v.maxLength(longestSubject)), amount: v.nullable(v.number()), transactions: v.optional(v.number()),
  })), v.readonly())),
});

const instance = v.object({
  id,
  name,
  regionId: id,
  projectId: v.nullable(id),
  admin: endpoint,
  replication: v.nullable(endpoint),
  connectsFrom,
  user: v.pipe(v.string(), v.minLength(1), v.maxLength(32)),
  tls,
  intent,
  serverUuid: v.nullable(v.pipe(v.string(), v.maxLength(64))),
  note,
  sqlReadOnly: v.optional(v.boolean()),
  attention: v.optional(attention),
  createdAt: v.number(),
});

const schema = v.object({
  regions: v.pipe(v.array(named), v.readonly()),
  projects: v.pipe(v.array(named), v.readonly()),
  instances: v.pipe(v.array(instance), v.readonly()),
});

/** What is registered. */
export interface Inventory {
  readonly regions: readonly Region[];
  readonly projects: readonly Project[];
  readonly instances: readonly Instance[];
}

/** The inventory of a data folder, `inventory.json`; it holds no secrets. */
export class InventoryStore {
  readonly #document;
  readonly #listeners = new Set<() => void>();
  #seen: Inventory | null = null;
  #whole: Inventory = { regions: [], projects: [], instances: [] };

  constructor(dataFolder: string) {
    this.#document = openDocument({ dataFolder, name: 'inventory', version: 1, askedOften: true, schema, empty: { regions: [], projects: [], instances: [] } });
  }

  /** What is registered now, also by another process; the same object while nothing changes. */
  get(): Inventory {
    const stored = this.#document.get();
    if (stored !== this.#seen) {
      this.#seen = stored;
      this.#whole = withKeptInstances(this.#whole, withoutDanglingReferences(stored));
    }
    return this.#whole;
  }

  update(change: (inventory: Inventory) => Inventory): Inventory {
    this.#document.update((stored) => change(withoutDanglingReferences(stored)));
    for (const listener of this.#listeners) listener();
    return this.get();
  }

  /** Calls back after every change of ours. */
  onUpdate(listener: () => void): void {
    this.#listeners.add(listener);
  }

  get quarantined(): readonly string[] {
    return this.#document.quarantined;
  }
}

/**
 * A region or project whose own record was broken must not take its instances along: the region gets a stand-in that can
 * be renamed, the project is forgotten.
 */
function withoutDanglingReferences(stored: Inventory): Inventory {
  const regionIds = new Set(stored.regions.map((region) => region.id));
  const projectIds = new Set(stored.projects.map((project) => project.id));
  const lost = [...new Set(stored.instances.map((one) => one.regionId).filter((regionId) => !regionIds.has(regionId)))];
  const astray = stored.instances.some((one) => one.projectId !== null && !projectIds.has(one.projectId));
  if (lost.length === 0 && !astray) return stored;
  return {
    regions: [...stored.regions, ...lost.map((regionId) => ({ id: regionId, name: `? ${regionId.slice(0, 8)}` }))],
    projects: stored.projects,
    instances: stored.instances.map((one) => (one.projectId !== null && !projectIds.has(one.projectId) ? { ...one, projectId: null } : one)),
  };
}

/** The instances of now, each the object of before where it is registered as it was: what is known of it is looked at again where it is another one. */
function withKeptInstances(before: Inventory, now: Inventory): Inventory {
  const known = new Map(before.instances.map((one) => [one.id, one]));
  return { ...now, instances: now.instances.map((one) => withKeptParts(known.get(one.id) ?? null, one)) };
}

type Kind = 'region' | 'project' | 'instance';
type Named = { readonly id: string; readonly name: string };

/** A new id of the form that the contract accepts. */
export const newId = (): string => randomUUID();

/** Throws `name-taken` where another of its kind has the name, in whatever letter case. */
export function refuseTakenName(kind: Kind, list: readonly Named[], wanted: string, ownId: string | null = null): void {
  const taken = list.find((one) => one.id !== ownId && sameName(one.name, wanted));
  if (taken !== undefined) throw failure('name-taken', { kind, name: taken.name });
}

/** Equal for names that people would take for the same. */
export function nameKey(name: string): string {
  return name.trim().toLowerCase();
}

export function sameName(one: string, other: string): boolean {
  return nameKey(one) === nameKey(other);
}

/** The one with this id, or `not-found`. */
export function byId<Item extends Named>(kind: Kind, list: readonly Item[], wanted: string): Item {
  const found = list.length > MANY ? indexed(list).get(wanted) : list.find((one) => one.id === wanted);
  if (found === undefined) throw failure('not-found', { kind, name: wanted });
  return found;
}

/** A list that is longer is looked through once; lists of an inventory never change, there are others. */
const MANY = 50;
const indexes = new WeakMap<readonly Named[], unknown>();

function indexed<Item extends Named>(list: readonly Item[]): ReadonlyMap<string, Item> {
  const known = indexes.get(list);
  if (known !== undefined) return known as ReadonlyMap<string, Item>;
  const made = new Map(list.map((one) => [one.id, one]));
  indexes.set(list, made);
  return made;
}
