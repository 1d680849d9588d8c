import * as v from 'valibot';
import { endpoint, name, note, tls } from '../../shared/contract/inputs';
import type { ImportResult } from '../../shared/domain/fleet/view';
import { formatEndpoint, type Instance, type Intent } from '../../shared/domain/fleet/instance';
import { failure } from '../../shared/errors/codes';
import { message, type Message } from '../../shared/i18n/message';
import { newId, sameName, type Inventory } from './inventory';

const FORMAT = 'antipode-inventory';
const VERSION = 1;

/** An instance as a file holds it: everything by name, no ids, no secrets. */
const record = v.object({
  name,
  region: name,
  project: v.nullable(name),
  admin: endpoint,
  replication: v.nullable(endpoint),
  user: v.pipe(v.string(), v.minLength(1), v.maxLength(32)),
  tls,
  note,
  serverUuid: v.nullable(v.pipe(v.string(), v.maxLength(64))),
  /** Name of the instance it is meant to follow. */
  follows: v.nullable(name),
});
type FileRecord = v.InferOutput<typeof record>;

const file = v.object({
  format: v.literal(FORMAT),
  version: v.pipe(v.number(), v.integer(), v.minValue(1)),
  regions: v.array(v.unknown()),
  projects: v.array(v.unknown()),
  instances: v.array(v.unknown()),
});

/** The inventory as a file for another workstation; passwords stay where they are. */
export function exportInventory({ regions, projects, instances }: Inventory, at: number): string {
  const nameOf = (list: readonly { id: string; name: string }[], id: string | null): string | null => list.find((one) => one.id === id)?.name ?? null;
  const records = instances.map((one): FileRecord => ({
    name: one.name,
    region: nameOf(regions, one.regionId) ?? one.regionId,
    project: nameOf(projects, one.projectId),
    admin: one.admin,
    replication: one.replication,
    user: one.user,
    tls: one.tls,
    note: one.note,
    serverUuid: one.serverUuid,
    follows: one.intent.kind === 'replica' ? nameOf(instances, one.intent.sourceId) : null,
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
  const regions = [...inventory.regions];
  const projects = [...inventory.projects];
  const idFor = (list: { id: string; name: string }[], wanted: string): string => {
    const known = list.find((one) => sameName(one.name, wanted));
    if (known !== undefined) return known.id;
    const added = { id: newId(), name: wanted };
    list.push(added);
    return added.id;
  };
  for (const [list, names] of [[regions, content.regions], [projects, content.projects]] as const) {
    for (const candidate of names) if (v.is(name, candidate)) idFor(list, v.parse(name, candidate));
  }

  const added: { readonly instance: Instance; readonly follows: string | null }[] = [];
  const skipped: { name: string; reason: string; text: Message }[] = [];
  for (const raw of content.instances) {
    const parsed = v.safeParse(record, raw);
    if (!parsed.success) {
      skipped.push(skip(nameIn(raw), 'invalid', message('fleet.import.invalid', { reason: v.getDotPath(parsed.issues[0]) ?? '' })));
      continue;
    }
    const one = parsed.output;
    const registered = [...inventory.instances, ...added.map(({ instance }) => instance)];
    const obstacle = obstacleTo(one, inventory.instances, registered);
    if (obstacle !== null) {
      skipped.push(skip(one.name, ...obstacle));
      continue;
    }
    const instance: Instance = {
      id: newId(), name: one.name,
      regionId: idFor(regions, one.region),
      projectId: one.project === null ? null : idFor(projects, one.project),
      admin: one.admin, replication: one.replication, user: one.user, tls: one.tls, note: one.note, serverUuid: one.serverUuid,
      intent: { kind: 'none' },
      createdAt: now,
    };
    added.push({ instance, follows: one.follows });
  }

  const everyInstance = [...inventory.instances, ...added.map(({ instance }) => instance)];
  const withIntents = added.map(({ instance, follows }): Instance => ({ ...instance, intent: intentOf(instance, follows, everyInstance) }));
  return {
    inventory: { regions, projects, instances: [...inventory.instances, ...withIntents] },
    result: { added: withIntents.map((one) => one.name), skipped },
  };
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

function obstacleTo(one: FileRecord, existing: readonly Instance[], registered: readonly Instance[]): [reason: string, text: Message] | null {
  const named = registered.find((other) => sameName(other.name, one.name));
  if (named !== undefined) return existing.includes(named) ? ['name-taken', message('fleet.import.name-taken')] : ['duplicate', message('fleet.import.duplicate')];
  const twin = registered.find(
    (other) =>
      (one.serverUuid !== null && other.serverUuid?.toLowerCase() === one.serverUuid.toLowerCase()) ||
      formatEndpoint(other.admin) === formatEndpoint(one.admin),
  );
  return twin === undefined ? null : ['same-server', message('fleet.import.same-server', { name: twin.name })];
}

function intentOf(instance: Instance, follows: string | null, all: readonly Instance[]): Intent {
  const source = follows === null ? undefined : all.find((other) => sameName(other.name, follows));
  return source === undefined || source.id === instance.id ? { kind: 'none' } : { kind: 'replica', sourceId: source.id };
}

function skip(of: string, reason: string, text: Message): { name: string; reason: string; text: Message } {
  return { name: of, reason, text };
}

function nameIn(raw: unknown): string {
  return typeof raw === 'object' && raw !== null && 'name' in raw && typeof raw.name === 'string' ? raw.name.slice(0, 64) : '?';
}
