import type { AnalysedMember } from '../../shared/domain/analysis/analysis';
import { analyseFleet, noMemory } from '../../shared/domain/analysis/analysis';
import type { Sample } from '../../shared/domain/analysis/input';
import type { ChannelFilters, InstanceFacts } from '../../shared/domain/fleet/facts';
import type { ConnectionTest, DatabaseObjects, FleetChange, FleetSnapshot, ImportResult, InstanceView } from '../../shared/domain/fleet/view';
import type { Instance, InstanceForm, Intent, Project, Region } from '../../shared/domain/fleet/instance';
import type { Settings } from '../../shared/domain/settings';
import { errorOf, failure } from '../../shared/errors/codes';
import type { LiveSession } from '../mysql/session';
import { readFacts } from '../mysql/status';
import type { ConnectOptions, ConnectTarget, Session } from '../mysql/types';
import type { AuditLog, Vault } from '../storage/types';
import { Access, targetOf } from './access';
import { audited } from './audited';
import { testStages } from './connection-test';
import { Groups } from './groups';
import { byId, InventoryStore, sameName } from './inventory';
import { exportInventory, mergeInventory } from './inventory-file';
import { readObjects } from './objects';
import { Poller } from './poller';
import { Registration } from './registration';
import { Registry } from './registry';
import { Sightings } from './sightings';
import type { Fleet } from './types';

export interface FleetOptions {
  readonly dataFolder: string;
  readonly vault: Vault;
  readonly settings: { get(): Settings };
  readonly audit: AuditLog;
  /** Which engine it belongs to: its own operations on servers are told from those of others by it. */
  readonly run: string;
  /** Milliseconds since the epoch. */
  readonly clock?: () => number;
  /** 0 to 1; spreads polls. */
  readonly random?: () => number;
}

/** Opens the fleet of a data folder. See `openDocument` for what a broken or newer inventory throws. */
export function createFleet(options: FleetOptions): Fleet {
  return new FleetService(options);
}

class FleetService implements Fleet {
  readonly #options: FleetOptions;
  readonly #inventory: InventoryStore;
  readonly #sightings: Sightings;
  readonly #access: Access;
  readonly #registry: Registry;
  readonly #groups: Groups;
  readonly #registration: Registration;
  readonly #pollers = new Map<string, Poller>();
  readonly #guards: ((id: string) => Promise<void>)[] = [];
  readonly #stopListening: () => void;
  #polling = false;
  #closed = false;

  constructor(options: FleetOptions) {
    this.#options = options;
    const { dataFolder, vault, audit, settings, run } = options;
    this.#inventory = new InventoryStore(dataFolder);
    this.#sightings = new Sightings(dataFolder, () => this.#now());
    this.#access = new Access(vault, run);
    this.#registry = new Registry({
      run,
      inventory: () => this.#reconciled(),
      quarantined: () => this.#inventory.quarantined,
      passwordKnown: (id) => this.#access.passwordKnown(id),
      lagWarningSeconds: () => settings.get().lagWarningSeconds,
      now: () => this.#now(),
    });
    this.#groups = new Groups(this.#inventory, audit);
    this.#registration = new Registration({ inventory: this.#inventory, access: this.#access, audit, readFacts, now: () => this.#now() });
    this.#stopListening = vault.onChange(() => {
      this.#registry.touch();
      for (const poller of this.#pollers.values()) poller.wake();
    });
    this.#recall();
  }

  regions = (): readonly Region[] => this.#inventory.get().regions;
  projects = (): readonly Project[] => this.#inventory.get().projects;
  instances = (): readonly Instance[] => this.#inventory.get().instances;
  instance = (id: string): Instance => byId('instance', this.instances(), id);

  instanceByName(name: string): Instance {
    const found = this.instances().find((one) => one.name === name) ?? this.instances().find((one) => sameName(one.name, name));
    if (found === undefined) throw failure('not-found', { kind: 'instance', name });
    return found;
  }

  regionName = (id: string): string => this.regions().find((one) => one.id === id)?.name ?? id;

  snapshot = (): FleetSnapshot => this.#registry.snapshot();
  view = (id: string): InstanceView => this.#registry.view(id);

  async refresh(id: string): Promise<InstanceView> {
    this.instance(id);
    await this.#poller(id).read();
    return this.view(id);
  }

  async readFacts(id: string, signal?: AbortSignal): Promise<InstanceFacts> {
    const cancellable = signal === undefined ? {} : { signal };
    const sample = await this.withSession(id, async (session): Promise<Sample> => {
      const startedAt = this.#now();
      const facts = await readFacts(session, signal);
      return { facts, startedAt, endedAt: this.#now() };
    }, cancellable);
    this.#noteSample(id, sample);
    return sample.facts;
  }

  objects = (id: string): Promise<readonly DatabaseObjects[]> => this.withSession(id, readObjects);

  async connect(id: string, options?: ConnectOptions): Promise<LiveSession> {
    const session = await this.#access.connect(this.instance(id), options);
    if (options?.purpose !== undefined) this.#registry.noteOwnLock(id, session.connectionId);
    return session;
  }

  loginOf = (id: string): Promise<ConnectTarget> => this.#access.target(this.instance(id));

  async withSession<Result>(id: string, use: (session: Session) => Promise<Result>, options?: ConnectOptions): Promise<Result> {
    const session = await this.connect(id, options);
    try {
      return await use(session);
    } finally {
      await session.close().catch(() => session.destroy());
    }
  }

  async testConnection(form: InstanceForm, password: string | undefined, instanceId: string | undefined): Promise<ConnectionTest> {
    const known = password ?? (instanceId === undefined ? undefined : await this.#access.password(this.instance(instanceId)));
    if (known === undefined) throw failure('password-missing', { name: form.name });
    const { stages, facts } = await testStages(targetOf(form, known), form.name, readFacts);
    return { stages, facts, role: facts === null ? null : this.#roleInFleet(form, instanceId, facts) };
  }

  secret = (key: string): Promise<string | null> => this.#options.vault.get(key);
  setSecret = (key: string, value: string | null): Promise<void> => this.#options.vault.set(key, value);

  addRegion = (name: string): Promise<Region> => this.#after(this.#groups.add('region', name));
  renameRegion = (id: string, name: string): Promise<Region> => this.#after(this.#groups.rename('region', id, name));
  removeRegion = (id: string): Promise<void> => this.#after(this.#groups.remove('region', id));
  addProject = (name: string): Promise<Project> => this.#after(this.#groups.add('project', name));
  renameProject = (id: string, name: string): Promise<Project> => this.#after(this.#groups.rename('project', id, name));
  removeProject = (id: string): Promise<void> => this.#after(this.#groups.remove('project', id));

  transferProject(instanceIds: readonly string[], projectId: string | null): Promise<void> {
    return this.#after(this.#groups.transfer(instanceIds, projectId, (id) => this.view(id).role, (id) => this.replicasOf(id).map((one) => one.id)));
  }

  async addInstance(form: InstanceForm, password: string): Promise<InstanceView> {
    const { instance, sample } = await this.#registration.add(form, password);
    this.#noteSample(instance.id, sample);
    return this.view(instance.id);
  }

  async updateInstance(id: string, form: InstanceForm, password: string | undefined): Promise<InstanceView> {
    const { sample } = await this.#registration.update(id, form, password);
    if (sample !== null) {
      // The kept session belongs to the old connection.
      await this.#dropPoller(id);
      this.#noteSample(id, sample);
    }
    this.#registry.touch();
    return this.view(id);
  }

  async setPassword(id: string, password: string): Promise<void> {
    await this.#registration.setPassword(id, password);
    this.#registry.touch();
    this.#pollers.get(id)?.wake();
  }

  async removeInstance(id: string, phrase: string, dissolve: boolean): Promise<void> {
    await this.#registration.remove(id, phrase, dissolve, this.replicasOf(id), async (instanceId) => {
      for (const guard of this.#guards) await guard(instanceId);
    });
    await this.#dropPoller(id);
    this.#registry.forget(id);
    this.#sightings.forget(id);
  }

  async setIntent(id: string, intent: Intent): Promise<void> {
    const { name } = this.instance(id);
    const other = intent.kind === 'replica' ? intent.sourceId : intent.kind === 'fenced' ? intent.successorId : null;
    await audited(this.#options.audit, 'instance.intent', name, { intent: intent.kind, of: other === null ? null : this.instance(other).name }, () => {
      this.#inventory.update((current) => ({ ...current, instances: current.instances.map((one) => (one.id === id ? { ...one, intent } : one)) }));
    });
    this.#registry.touch();
  }

  replicasOf(id: string): readonly Instance[] {
    const { links } = this.snapshot().topology;
    return this.instances().filter((one) => one.id !== id
      && (links.some((link) => link.replicaId === one.id && link.sourceId === id) || (one.intent.kind === 'replica' && one.intent.sourceId === id)));
  }

  exportInventory = (): string => exportInventory(this.#inventory.get(), this.#now());

  async importInventory(text: string, dryRun: boolean): Promise<ImportResult> {
    if (dryRun) return mergeInventory(this.#inventory.get(), text, this.#now()).result;
    return this.#after(audited(this.#options.audit, 'inventory.import', '', { bytes: text.length }, () => {
      let result: ImportResult = { added: [], skipped: [] };
      this.#inventory.update((current) => {
        const merged = mergeInventory(current, text, this.#now());
        result = merged.result;
        return merged.inventory;
      });
      return result;
    }));
  }

  guardRemoval(guard: (id: string) => Promise<void>): void {
    this.#guards.push(guard);
  }

  expectFilters(id: string, filters: ChannelFilters | null | undefined): void {
    this.#registry.expectFilters(id, filters);
  }

  noteStrayed(id: string, tables: readonly string[]): void {
    this.#registry.noteStrayed(id, tables);
  }

  onChange(listener: (change: FleetChange) => void): () => void {
    return this.#registry.onChange(listener);
  }

  startPolling(): void {
    this.#polling = true;
    // Some were read before, and have a poller that waits to be asked.
    for (const poller of this.#pollers.values()) poller.start(0);
    this.#reconciled();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#polling = false;
    this.#stopListening();
    await Promise.all([...this.#pollers.values()].map((poller) => poller.close()));
    this.#registry.flush();
    this.#sightings.save(this.#registry.memory);
    this.#registry.close();
  }

  #now(): number {
    return (this.#options.clock ?? Date.now)();
  }

  async #after<Result>(change: Promise<Result>): Promise<Result> {
    const result = await change;
    this.#registry.touch();
    return result;
  }

  /** The inventory, and a poller for each of its instances: another process may have changed it. */
  #reconciled() {
    const inventory = this.#inventory.get();
    if (this.#closed) return inventory;
    const present = new Set(inventory.instances.map((one) => one.id));
    for (const id of this.#pollers.keys()) if (!present.has(id)) void this.#dropPoller(id);
    if (this.#polling) for (const id of present) if (!this.#pollers.has(id)) this.#poller(id);
    return inventory;
  }

  #poller(id: string): Poller {
    let poller = this.#pollers.get(id);
    if (poller === undefined) {
      const random = this.#options.random ?? Math.random;
      poller = new Poller({
        intervalMs: () => this.#options.settings.get().pollSeconds * 1000,
        connect: (limitMs, signal) => this.#access.connect(this.instance(id), { timeoutMs: limitMs, signal }),
        readFacts: (session) => readFacts(session),
        onSample: (sample) => this.#noteSample(id, sample),
        onFailure: (error, at) => {
          if (this.#knows(id)) this.#registry.noteFailure(id, error, at);
        },
        isCredible: (facts) => isCredible(facts, this.#registry.currentSample(id)?.facts ?? null),
        now: () => this.#now(),
        random,
      });
      this.#pollers.set(id, poller);
      // Not all of a large fleet at once.
      if (this.#polling) poller.start(Math.min(this.#pollers.size * 10, 1000) * random());
    }
    return poller;
  }

  async #dropPoller(id: string): Promise<void> {
    const poller = this.#pollers.get(id);
    this.#pollers.delete(id);
    await poller?.close();
  }

  #knows(id: string): boolean {
    return this.#inventory.get().instances.some((one) => one.id === id);
  }

  #noteSample(id: string, sample: Sample): void {
    const instance = this.#inventory.get().instances.find((one) => one.id === id);
    if (instance === undefined) return;
    this.#sightings.note(id, this.#registry.noteSample(id, sample), this.#registry.memory);
    const { uuid } = sample.facts.server;
    if (instance.serverUuid === null && uuid !== null) this.#learnIdentity(id, uuid);
  }

  /** An imported instance is recognised by the first reading. */
  #learnIdentity(id: string, uuid: string): void {
    try {
      this.#inventory.update((current) => ({
        ...current,
        instances: current.instances.map((one) => (one.id === id && one.serverUuid === null ? { ...one, serverUuid: uuid } : one)),
      }));
    } catch (error) {
      // A full disk must not stop the polls; the next reading tries again, and the next change of the user's says it.
      if (errorOf(error).code === 'internal') throw error;
    }
  }

  #recall(): void {
    const { samples, memory } = this.#sightings.load();
    for (const [id, sample] of samples) if (this.#knows(id)) this.#registry.recall(id, sample);
    this.#registry.recallMemory(memory);
  }

  /** The role a server would have in this fleet: of itself if it is registered, else as a newcomer. */
  #roleInFleet(form: InstanceForm, instanceId: string | undefined, facts: InstanceFacts) {
    const now = this.#now();
    const sample: Sample = { facts, startedAt: now, endedAt: now };
    const others = this.snapshot().instances.filter((view) => view.instance.id !== instanceId).map((view): AnalysedMember => ({
      instance: view.instance, health: view.health, error: null, previous: null, passwordKnown: view.passwordKnown,
      current: this.#registry.currentSample(view.instance.id),
    }));
    const known = instanceId === undefined ? null : this.instance(instanceId);
    const candidate: AnalysedMember = {
      instance: {
        id: known?.id ?? 'candidate', ...form, intent: known?.intent ?? { kind: 'none' }, serverUuid: facts.server.uuid, createdAt: now,
      },
      health: { state: 'reachable', lastSuccessAt: now, lastAttemptAt: now, failingSince: null },
      error: null, previous: null, current: sample, passwordKnown: true,
    };
    const { views } = analyseFleet([...others, candidate], noMemory, now, this.#options.settings.get().lagWarningSeconds, this.#options.run);
    return views.find((view) => view.instance.id === candidate.instance.id)?.role ?? null;
  }
}

/** A server that is going down answers some questions with NULL: what was known is not overwritten by that. */
function isCredible(facts: InstanceFacts, before: InstanceFacts | null): boolean {
  return before === null || before.server.uuid === null || facts.server.uuid !== null;
}
