import * as v from 'valibot';
import { connectsFrom, endpoint, name, note, tls } from '../../shared/contract/inputs';
import type { ImportResult } from '../../shared/domain/fleet/view';
import { formatEndpoint, type Instance, type Intent } from '../../shared/domain/fleet/instance';
import { failure } from '../../shared/errors/codes';
import { message, type Message } from '../../shared/i18n/message';
import { nameKey, newId, type Inventory } from './inventory';

const FORMAT = 'antipode-inventory';
const VERSION = 1;

/** An instance as a file holds it: everything by name, no ids, no secrets. */
const record = v.object({
  name,
  region: name,
  project: v.nullable(name),
  admin: endpoint,
  replication: v.nullable(endpoint),
  connectsFrom,
  user: v.pipe(v.string(), v.minLength(1), v.maxLength(32)),
  tls,
  note,
  sqlReadOnly: v.optional(v.boolean()),
  serverUuid: v.nullable(v.pipe(v.string(), v.maxLength(64))),
  /** Name of the instance it is meant to follow. */
  follows: v.nullable(name),
});
type FileRecord = v.InferOutput<typeof record>;

/** The largest fleet that is read from a file, and the most places and projects beside it. */
const most = { instances: 20_000, groups: 5_000 } as const;

const file = v.object({
  format: v.literal(FORMAT),
  version: v.pipe(v.number(), v.integer(), v.minValue(1)),
  regions: v.pipe(v.array(v.unknown()), v.maxLength(most.groups)),
  projects: v.pipe(v.array(v.unknown()), v.maxLength(most.groups)),
  instances: v.pipe(v.array(v.unknown()), v.maxLength(most.instances)),
});

/** The inventory as a file for another workstation; passwords stay where they are. */
export function exportInventory({ regions, projects, instances }: Inventory, at: number): string {
  const named = (list: readonly { id: string; name: string }[]): ((id: string | null) => string | null) => {
    const names = new Map(list.map((one) => [one.id, one.name]));
    return (id) => (id === null ? null : (names.get(id) ?? null));
  };
  const [regionOf, projectOf, instanceOf] = [named(regions), named(projects), named(instances)];
  const records = instances.map((one): FileRecord => ({
    name: one.name,
    region: regionOf(one.regionId) ?? one.regionId,
    project: projectOf(one.projectId),
    admin: one.admin,
    replication: one.replication,
    ...(one.connectsFrom === undefined ? {} : { connectsFrom: one.connectsFrom }),
    user: one.user,
    tls: one.tls,
    note: one.note,
    ...(one.sqlReadOnly === undefined ? {} : { sqlReadOnly: one.sqlReadOnly }),
    serverUuid: one.serverUuid,
    follows: one.intent.kind === 'replica' ? instanceOf(one.intent.sourceId) : null,
  }));
  const content = {
    format: FORMAT, version: VERSION, exportedAt: new Date(at).toISOString(), regions: regions.map((one) => one.name),
    projects: projects.map((one) => one.name), instances: records,
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

/**
 * What an inventory becomes with a file added to it. Nothing that is registered changes: an instance whose name, server
 * or endpoint is there already is skipped with the reason, as is a record that cannot be read; regions and projects are
 * matched by name.
 *
 * @throws Failure `inventory-newer`, `inventory-broken` (cut in half, not such a file)
 */
export function mergeInventory(inventory: Inventory, text: string, now: number): { inventory: Inventory; result: ImportResult } {
  const content = parse(text);
  const [regions, projects] = [new Groups(inventory.regions), new Groups(inventory.projects)];
  for (const [groups, names] of [[regions, content.regions], [projects, content.projects]] as const) {
    for (const candidate of names) if (v.is(name, candidate)) groups.idFor(v.parse(name, candidate));
  }
  const registered = new Registered(inventory.instances);
  const added: { readonly instance: Instance; readonly follows: string | null }[] = [];
  const skipped: { name: string; reason: string; text: Message }[] = [];
  for (const raw of content.instances) {
    const parsed = v.safeParse(record, raw);
    if (!parsed.success) {
      skipped.push(skip(nameIn(raw), 'invalid', message('fleet.import.invalid', { reason: v.getDotPath(parsed.issues[0]) ?? '' })));
      continue;
    }
    const one = parsed.output;
    const obstacle = registered.obstacleTo(one);
    if (obstacle !== null) {
      skipped.push(skip(one.name, ...obstacle));
      continue;
    }
    const instance: Instance = {
      id: newId(), name: one.name,
      regionId: regions.idFor(one.region),
      projectId: one.project === null ? null : projects.idFor(one.project),
      admin: one.admin, replication: one.replication, connectsFrom: one.connectsFrom, user: one.user, tls: one.tls, note: one.note,
      ...(one.sqlReadOnly === undefined ? {} : { sqlReadOnly: one.sqlReadOnly }), serverUuid: one.serverUuid,
      intent: { kind: 'none' },
      createdAt: now,
    };
    registered.add(instance);
    added.push({ instance, follows: one.follows });
  }
  const withIntents = added.map(({ instance, follows }): Instance => ({ ...instance, intent: registered.intentOf(instance, follows) }));
  return {
    inventory: { regions: regions.all, projects: projects.all, instances: [...inventory.instances, ...withIntents] },
    result: { added: withIntents.map((one) => one.name), skipped },
  };
}

/** Regions or projects, found by name and made where there is none. */
class Groups {
  readonly all: { id: string; name: string }[];
  readonly #ids: Map<string, string>;

  constructor(known: readonly { id: string; name: string }[]) {
    this.all = [...known];
    // The first of two wins.
    this.#ids = new Map(known.toReversed().map((one) => [nameKey(one.name), one.id]));
  }

  idFor(wanted: string): string {
    const known = this.#ids.get(nameKey(wanted));
    if (known !== undefined) return known;
    const group = { id: newId(), name: wanted };
    this.all.push(group);
    this.#ids.set(nameKey(wanted), group.id);
    return group.id;
  }
}

/** Instances by what no two of them share, so that a file is read in time linear to its length. */
class Registered {
  readonly #existing: ReadonlySet<Instance>;
  readonly #byName = new Map<string, Instance>();
  readonly #byUuid = new Map<string, Instance>();
  readonly #byEndpoint = new Map<string, Instance>();

  constructor(existing: readonly Instance[]) {
    this.#existing = new Set(existing);
    for (const one of existing) this.add(one);
  }

  add(one: Instance): void {
    const keep = (map: Map<string, Instance>, key: string): void => void (map.has(key) || map.set(key, one));
    keep(this.#byName, nameKey(one.name));
    if (one.serverUuid !== null) keep(this.#byUuid, one.serverUuid.toLowerCase());
    keep(this.#byEndpoint, formatEndpoint(one.admin));
  }

  /** Why a record cannot be added; null: it can. */
  obstacleTo(one: FileRecord): [reason: string, text: Message] | null {
    const named = this.#byName.get(nameKey(one.name));
    if (named !== undefined) return this.#existing.has(named) ? [
      'name-taken', message('fleet.import.name-taken'),
    ] : ['duplicate', message('fleet.import.duplicate')];
    const twin = (one.serverUuid === null ? undefined : this.#byUuid.get(one.serverUuid.toLowerCase())) ?? this.#byEndpoint.get(formatEndpoint(one.admin));
    return twin === undefined ? null : ['same-server', message('fleet.import.same-server', { name: twin.name })];
  }

  intentOf(instance: Instance, follows: string | null): Intent {
    const source = follows === null ? undefined : this.#byName.get(nameKey(follows));
    return source === undefined || source.id === instance.id ? { kind: 'none' } : { kind: 'replica', sourceId: source.id };
  }
}

function parse(text: string): v.InferOutput<typeof file> {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (error) {
    throw failure('inventory-broken', { reason: error instanceof Error ? error.message : '' });
  }
  const parsed = v.safeParse(file, raw);
  if (!parsed.success) throw failure('inventory-broken', { reason: v.getDotPath(parsed.issues[0]) ?? 'JSON' });
  if (parsed.output.version > VERSION) throw failure('inventory-newer', { version: parsed.output.version, known: VERSION });
  return parsed.output;
}

function skip(of: string, reason: string, text: Message): { name: string; reason: string; text: Message } {
  return { name: of, reason, text };
}

function nameIn(raw: unknown): string {
  return typeof raw === 'object' && raw !== null && 'name' in raw && typeof raw.name === 'string' ? raw.name.slice(0, 64) : '?';
}
