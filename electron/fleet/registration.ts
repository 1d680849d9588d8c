import type { Sample } from '../../shared/domain/analysis/input';
import { formatEndpoint, type Instance, type InstanceForm } from '../../shared/domain/fleet/instance';
import type { ConnectionTest, InstanceView } from '../../shared/domain/fleet/view';
import { atLeast, formatVersion, isMysql, MINIMUM_VERSION, parseServerVersion } from '../../shared/domain/fleet/version';
import { permission } from '../../shared/domain/fleet/policy';
import { isReplicaRole } from '../../shared/domain/fleet/role';
import { errorOf, failure } from '../../shared/errors/codes';
import { isUnreachable } from '../mysql/errors';
import { connect } from '../mysql/session/session';
import { readFacts } from '../mysql/status/status';
import type { Session } from '../mysql/types';
import type { AuditLog } from '../storage/types';
import { targetOf } from './access';
import { audited, type AuditDetail } from './audited';
import { testStages } from './connection-test';
import { byId, newId, refuseTakenName, type Inventory, type InventoryStore } from './inventory';
import type { Observed } from './observed';
import type { Passwords } from './passwords';
import type { FleetRegistration } from './types';

const LIMIT_MS = 10_000;

export interface RegistrationParts {
  readonly inventory: InventoryStore;
  readonly passwords: Passwords;
  readonly audit: AuditLog;
  readonly observed: Observed;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What a login found: the server's identity, proven fit to be registered. */
interface Proof {
  readonly sample: Sample;
  readonly uuid: string | null;
}

/** Instances: registered, edited, removed. Nothing is written before the server has answered as the form says. */
export class Registration implements FleetRegistration {
  readonly #parts: RegistrationParts;
  readonly #guards: ((id: string) => Promise<void>)[] = [];

  constructor(parts: RegistrationParts) {
    this.#parts = parts;
  }

  testConnection = async (form: InstanceForm, password: string | undefined, instanceId: string | undefined): Promise<ConnectionTest> => {
    const { passwords, observed } = this.#parts;
    const known = password ?? (instanceId === undefined ? undefined : await passwords.forForm(this.#instance(instanceId), form));
    if (known === undefined) throw failure('password-missing', { name: form.name });
    const { stages, facts } = await testStages(targetOf(form, known), form.name, readFacts);
    return { stages, facts, role: facts === null ? null : observed.roleOf(form, instanceId, facts) };
  };

  addInstance = async (form: InstanceForm, password: string): Promise<InstanceView> => {
    const { audit, observed } = this.#parts;
    const { id, sample } = await audited(audit, 'instance.add', form.name, detailOf(form), () => this.#add(form, password));
    observed.note(id, sample);
    return observed.view(id);
  };

  /**
   * Edits an instance. What concerns the connection is tried first, and must lead to the same server; names, places and
   * notes may be changed while the server is away.
   */
  updateInstance = async (id: string, form: InstanceForm, password: string | undefined): Promise<InstanceView> => {
    const { audit, observed } = this.#parts;
    const before = this.#instance(id);
    const sample = await audited(audit, 'instance.update', before.name, { ...detailOf(form), name: form.name }, () => this.#update(before, form, password));
    if (sample !== null) {
      await observed.reconnect(id);
      observed.note(id, sample);
    }
    return observed.view(id);
  };

  /**
   * Keeps a password after trying it. One that the server refuses is not kept; a server that cannot be asked now gets
   * the benefit of the doubt.
   */
  setPassword = async (id: string, password: string): Promise<void> => {
    const { passwords, audit, observed } = this.#parts;
    const instance = this.#instance(id);
    await audited(audit, 'instance.password', instance.name, {}, async () => {
      try {
        const session = await connect(targetOf(instance, password), { timeoutMs: LIMIT_MS, label: instance.name });
        await session.close().catch(() => session.destroy());
      } catch (error) {
        if (!isAway(error)) throw error;
      }
      await passwords.remember(id, instance, password);
    });
    observed.passwordsChanged(id);
  };

  /** Takes an instance off the inventory; its server is left as it is. Its replicas lose only what they were meant to follow. */
  removeInstance = async (id: string, phrase: string, dissolve: boolean): Promise<void> => {
    const { inventory, passwords, audit, observed } = this.#parts;
    const { name } = this.#instance(id);
    const replicas = observed.replicasOf(id);
    await audited(audit, 'instance.remove', name, { dissolve }, async () => {
      if (phrase !== name) throw failure('confirm-mismatch', { expected: name });
      for (const guard of this.#guards) await guard(id);
      if (replicas.length > 0 && !dissolve) throw failure('has-standbys', { name, standbys: replicas.map((one) => one.name).join(', ') });
      refuseSuccessor(name, id, inventory.get());
      inventory.update((current) => ({
        ...current,
        instances: current.instances.filter((one) => one.id !== id).map((one) => (refersTo(one, id) ? { ...one, intent: { kind: 'none' } } : one)),
      }));
      await passwords.forget(id);
    });
    await observed.forget(id);
  };

  guardRemoval = (guard: (id: string) => Promise<void>): void => void this.#guards.push(guard);

  async #add(form: InstanceForm, password: string): Promise<{ readonly id: string; readonly sample: Sample }> {
    const { inventory, passwords, now } = this.#parts;
    refuseBadForm(form, inventory.get(), null);
    const { sample, uuid } = await this.#prove(form, password);
    refuseSameServer(uuid, inventory.get(), null);
    const instance: Instance = { id: newId(), ...fieldsOf(form), intent: { kind: 'none' }, serverUuid: uuid, createdAt: now() };
    await passwords.remember(instance.id, instance, password);
    try {
      inventory.update((current) => {
        // Another process may have registered something while the server was asked.
        refuseBadForm(form, current, null);
        refuseSameServer(uuid, current, null);
        return { ...current, instances: [...current.instances, instance] };
      });
    } catch (error) {
      await passwords.forget(instance.id);
      throw error;
    }
    return { id: instance.id, sample };
  }

  /** The reading by which the connection was proven; null: nothing of the connection changed. */
  async #update(before: Instance, form: InstanceForm, password: string | undefined): Promise<Sample | null> {
    const { inventory, passwords } = this.#parts;
    const { id } = before;
    refuseBadForm(form, inventory.get(), id);
    const moving = form.projectId === before.projectId ? new Set<string>() : await this.#mayMove(before);
    const reconnects = password !== undefined || !sameConnection(before, form);
    const known = reconnects ? (password ?? (await passwords.forForm(before, form))) : null;
    const proof = known === null ? null : await this.#prove(form, known);
    if (proof !== null) refuseOtherServer(before, proof.uuid);
    if (password !== undefined) await passwords.remember(id, form, password);
    inventory.update((current) => {
      // Another process may have taken it off meanwhile.
      byId('instance', current.instances, id);
      refuseBadForm(form, current, id);
      return {
        ...current,
        instances: current.instances.map((one) => {
          if (one.id === id) return { ...one, ...fieldsOf(form), serverUuid: one.serverUuid ?? proof?.uuid ?? null };
          return moving.has(one.id) ? { ...one, projectId: form.projectId } : one;
        }),
      };
    });
    // What is proven of the server is never less from now on.
    if (known !== null && password === undefined) passwords.rebind(id, form, known);
    return proof?.sample ?? null;
  }

  /** The policy on the instance's role as it is now: an edit is no way past it. What follows a primary moves with it. */
  async #mayMove({ id, name }: Instance): Promise<ReadonlySet<string>> {
    const { observed } = this.#parts;
    const { role, health, sourceId } = await observed.refresh(id);
    const known = health.state === 'reachable' || isReplicaRole(role) || role === 'fenced' ? role : 'unknown';
    const allowed = permission(known, 'transfer-project');
    if (!allowed.allowed) {
      if (allowed.reason === 'role-unknown') throw failure('role-unknown', { name });
      throw failure('operation-locked', { operation: 'transfer-project', name, primary: sourceId === null ? '—' : this.#instance(sourceId).name });
    }
    const moving = new Set<string>();
    const open = [id];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (moving.has(next)) continue;
      moving.add(next);
      open.push(...observed.replicasOf(next).map((one) => one.id));
    }
    return moving;
  }

  #instance(id: string): Instance {
    return byId('instance', this.#parts.inventory.get().instances, id);
  }

  /** Logs in as the form says and reads the server: MySQL, new enough, who it is. */
  async #prove(form: InstanceForm, password: string): Promise<Proof> {
    const { now } = this.#parts;
    const session = await connect(targetOf(form, password), { timeoutMs: LIMIT_MS, label: form.name });
    try {
      refuseUnfit(session);
      const startedAt = now();
      const facts = await readFacts(session);
      return { sample: { facts, startedAt, endedAt: now() }, uuid: facts.server.uuid };
    } finally {
      await session.close().catch(() => session.destroy());
    }
  }
}

function refuseUnfit({ version }: Session): void {
  const comment = parseServerVersion(version.raw);
  if (!isMysql(version) || !isMysql(comment)) throw failure('product-unsupported', { product: version.product === 'mariadb' ? 'MariaDB' : version.raw });
  if (!atLeast(version, ...MINIMUM_VERSION)) throw failure('version-unsupported', { version: version.raw, minimum: formatVersion(MINIMUM_VERSION) });
}

function refuseBadForm(form: InstanceForm, { regions, projects, instances }: Inventory, ownId: string | null): void {
  byId('region', regions, form.regionId);
  if (form.projectId !== null) byId('project', projects, form.projectId);
  refuseTakenName('instance', instances, form.name, ownId);
}

function refuseSameServer(uuid: string | null, { instances }: Inventory, ownId: string | null): void {
  const twin = uuid === null ? undefined : instances.find((one) => one.id !== ownId && one.serverUuid?.toLowerCase() === uuid.toLowerCase());
  if (twin !== undefined) throw failure('same-server', { name: twin.name, uuid: uuid ?? '' });
}

function refuseOtherServer(before: Instance, uuid: string | null): void {
  if (before.serverUuid === null || uuid === null || before.serverUuid.toLowerCase() === uuid.toLowerCase()) return;
  throw failure('different-server', { name: before.name, expected: before.serverUuid, uuid });
}

/** An old primary is untrusted until it was compared: without its successor nobody would know with whom, and the mark would go silently. */
function refuseSuccessor(name: string, id: string, { instances }: Inventory): void {
  const fenced = instances.filter(({ intent }) => intent.kind === 'fenced' && intent.successorId === id);
  if (fenced.length > 0) throw failure('has-fenced', { name, fenced: fenced.map((one) => one.name).join(', ') });
}

function refersTo({ intent }: Instance, id: string): boolean {
  return intent.kind === 'replica' && intent.sourceId === id;
}

/** It cannot be asked now, which says nothing about what it is. */
const isAway = (error: unknown): boolean => isUnreachable(error) || errorOf(error).code === 'too-many-connections';

function sameConnection(before: Instance, form: InstanceForm): boolean {
  const connection = ({ admin, user, tls }: Pick<Instance, 'admin' | 'user' | 'tls'>): string => JSON.stringify([
    formatEndpoint(admin), user, tls.mode, tls.ca,
  ]);
  return connection(before) === connection(form);
}

function fieldsOf(form: InstanceForm): Omit<Instance, 'id' | 'intent' | 'serverUuid' | 'createdAt'> {
  const { name, regionId, projectId, admin, replication, connectsFrom, user, tls, note } = form;
  return { name: name.trim(), regionId, projectId, admin, replication, connectsFrom, user, tls, note };
}

function detailOf(form: InstanceForm): AuditDetail {
  return {
    endpoint: formatEndpoint(form.admin), replication: form.replication === null ? null : formatEndpoint(form.replication),
    connectsFrom: form.connectsFrom ?? null, user: form.user, tls: form.tls.mode,
  };
}
