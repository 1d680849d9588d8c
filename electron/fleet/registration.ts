import type { Sample } from '../../shared/domain/analysis/input';
import type { InstanceFacts } from '../../shared/domain/fleet/facts';
import { formatEndpoint, type Instance, type InstanceForm } from '../../shared/domain/fleet/instance';
import { atLeast, formatVersion, isMysql, MINIMUM_VERSION, parseServerVersion } from '../../shared/domain/fleet/version';
import { errorOf, failure } from '../../shared/errors/codes';
import { isUnreachable } from '../mysql/errors';
import { connect } from '../mysql/session';
import type { Session } from '../mysql/types';
import type { AuditLog } from '../storage/types';
import { targetOf, type Access } from './access';
import { audited, type AuditDetail } from './audited';
import { byId, newId, refuseTakenName, type Inventory, type InventoryStore } from './inventory';

const LIMIT_MS = 10_000;

export interface RegistrationParts {
  readonly inventory: InventoryStore;
  readonly access: Access;
  readonly audit: AuditLog;
  readonly readFacts: (session: Session) => Promise<InstanceFacts>;
  readonly now: () => number;
}

/** What a login found: the server's identity, proven fit to be registered. */
interface Proof {
  readonly sample: Sample;
  readonly uuid: string | null;
}

/** Instances: registered, edited, removed. Nothing is written before the server has answered as the form says. */
export class Registration {
  readonly #parts: RegistrationParts;

  constructor(parts: RegistrationParts) {
    this.#parts = parts;
  }

  add(form: InstanceForm, password: string): Promise<{ instance: Instance; sample: Sample }> {
    const { inventory, access, audit, now } = this.#parts;
    return audited(audit, 'instance.add', form.name, detailOf(form), async () => {
      refuseBadForm(form, inventory.get(), null);
      const { sample, uuid } = await this.#prove(form, password);
      refuseSameServer(uuid, inventory.get(), null);
      const instance: Instance = { id: newId(), ...fieldsOf(form), intent: { kind: 'none' }, serverUuid: uuid, createdAt: now() };
      await access.remember(instance.id, password);
      try {
        inventory.update((current) => {
          // Another process may have registered something while the server was asked.
          refuseBadForm(form, current, null);
          refuseSameServer(uuid, current, null);
          return { ...current, instances: [...current.instances, instance] };
        });
      } catch (error) {
        await access.forget(instance.id);
        throw error;
      }
      return { instance, sample };
    });
  }

  /**
   * Edits an instance. What concerns the connection is tried first, and must lead to the same server; names, places and
   * notes may be changed while the server is away. `sample` is null where nothing of the connection changed.
   */
  update(id: string, form: InstanceForm, password: string | undefined): Promise<{ instance: Instance; sample: Sample | null }> {
    const { inventory, access, audit } = this.#parts;
    const before = byId('instance', inventory.get().instances, id);
    return audited(audit, 'instance.update', before.name, { ...detailOf(form), name: form.name }, async () => {
      refuseBadForm(form, inventory.get(), id);
      const reconnects = password !== undefined || !sameConnection(before, form);
      const proof = reconnects ? await this.#prove(form, password ?? (await access.password(before))) : null;
      if (proof !== null) refuseOtherServer(before, proof.uuid);
      if (password !== undefined) await access.remember(id, password);
      const updated = inventory.update((current) => {
        refuseBadForm(form, current, id);
        return {
          ...current,
          instances: current.instances.map((one) =>
            one.id === id ? { ...one, ...fieldsOf(form), serverUuid: one.serverUuid ?? proof?.uuid ?? null } : one,
          ),
        };
      });
      return { instance: byId('instance', updated.instances, id), sample: proof?.sample ?? null };
    });
  }

  /**
   * Keeps a password after trying it. One that the server refuses is not kept; a server that cannot be asked now gets
   * the benefit of the doubt.
   */
  setPassword(id: string, password: string): Promise<void> {
    const { inventory, access, audit } = this.#parts;
    const instance = byId('instance', inventory.get().instances, id);
    return audited(audit, 'instance.password', instance.name, {}, async () => {
      try {
        const session = await connect(targetOf(instance, password), { timeoutMs: LIMIT_MS, label: instance.name });
        await session.close().catch(() => session.destroy());
      } catch (error) {
        if (!isAway(error)) throw error;
      }
      await access.remember(id, password);
    });
  }

  /** Takes an instance off the inventory; its server is left as it is. Its replicas lose only what they were meant to follow. */
  remove(id: string, phrase: string, dissolve: boolean, replicas: readonly Instance[], guard: (id: string) => Promise<void>): Promise<void> {
    const { inventory, access, audit } = this.#parts;
    const { name } = byId('instance', inventory.get().instances, id);
    return audited(audit, 'instance.remove', name, { dissolve }, async () => {
      if (phrase !== name) throw failure('confirm-mismatch', { expected: name });
      await guard(id);
      if (replicas.length > 0 && !dissolve) throw failure('has-standbys', { name, standbys: replicas.map((one) => one.name).join(', ') });
      inventory.update((current) => ({
        ...current,
        instances: current.instances.filter((one) => one.id !== id).map((one) => (refersTo(one, id) ? { ...one, intent: { kind: 'none' } } : one)),
      }));
      await access.forget(id);
    });
  }

  /** Logs in as the form says and reads the server: MySQL, new enough, who it is. */
  async #prove(form: InstanceForm, password: string): Promise<Proof> {
    const { readFacts, now } = this.#parts;
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

function refersTo({ intent }: Instance, id: string): boolean {
  return (intent.kind === 'replica' && intent.sourceId === id) || (intent.kind === 'fenced' && intent.successorId === id);
}

/** It cannot be asked now, which says nothing about what it is. */
const isAway = (error: unknown): boolean => isUnreachable(error) || errorOf(error).code === 'too-many-connections';

function sameConnection(before: Instance, form: InstanceForm): boolean {
  const connection = ({ admin, user, tls }: Pick<Instance, 'admin' | 'user' | 'tls'>): string => JSON.stringify([formatEndpoint(admin), user, tls.mode, tls.ca]);
  return connection(before) === connection(form);
}

function fieldsOf(form: InstanceForm): Omit<Instance, 'id' | 'intent' | 'serverUuid' | 'createdAt'> {
  const { name, regionId, projectId, admin, replication, user, tls, note } = form;
  return { name: name.trim(), regionId, projectId, admin, replication, user, tls, note };
}

function detailOf(form: InstanceForm): AuditDetail {
  return {
    endpoint: formatEndpoint(form.admin), replication: form.replication === null ? null : formatEndpoint(form.replication),
    user: form.user, tls: form.tls.mode,
  };
}
