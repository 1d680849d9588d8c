import type { AnalysedMember } from '../../shared/domain/analysis/analysis';
import { guardsFilters, type ExpectedFilters, type Sample, type ScopeFindings } from '../../shared/domain/analysis/input';
import { pauseOf } from '../../shared/domain/fleet/attention';
import type { InstanceFacts } from '../../shared/domain/fleet/facts';
import type { Instance, InstanceForm } from '../../shared/domain/fleet/instance';
import type { Role } from '../../shared/domain/fleet/role';
import type { DatabaseObjects, FleetChange, FleetSnapshot, InstanceView } from '../../shared/domain/fleet/view';
import type { Settings } from '../../shared/domain/settings';
import type { Breach } from '../../shared/domain/monitoring/thresholds';
import type { Comparison } from '../../shared/domain/verification/state';
import { readFacts } from '../mysql/status/status';
import { keepOutOfSlowLog } from '../mysql/session/quiet';
import { statusBytes } from '../mysql/session/packet-meter';
import { Identities } from './identities';
import { byId, type Inventory, type InventoryStore } from './inventory';
import { roleInFleet } from './newcomer';
import { readObjects } from './objects';
import type { Passwords } from './passwords';
import { Poller } from './poller';
import { Pollers } from './pollers';
import { Registry } from './registry';
import { Sightings } from './sightings';
import { Turns } from './turns';
import type { FleetAccess, FleetObserved } from './types';

export interface ObservedParts {
  readonly dataFolder: string;
  readonly inventory: InventoryStore;
  readonly access: Pick<FleetAccess, 'connect' | 'withSession'>;
  readonly passwords: Passwords;
  readonly settings: { get(): Settings };
  readonly run: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** 0 to 1; spreads polls. */
  readonly random: () => number;
}

/** Reads the servers of the inventory, by and by or when asked, and keeps what was last seen of each over a restart. */
export class Observed implements FleetObserved {
  readonly #parts: ObservedParts;
  readonly #sightings: Sightings;
  readonly #registry: Registry;
  readonly #pollers: Pollers;
  readonly #identities: Identities;
  readonly #turns = new Turns();
  /** The inventory that there is a poller for each instance of; null: it is to be looked through again. */
  #polled: Inventory | null = null;
  /** Those of them that are not read, on somebody's word. */
  #paused: ReadonlySet<string> = new Set();
  /** Those whose filters are guarded by their readings. */
  readonly #guarded = new Set<string>();
  /** The registry asks for the inventory while it is made itself: it holds no readings yet. */
  #isMade = false;
  #closed = false;
  /** The instances of an inventory by id, put together once for each. */
  #byId: { readonly of: Inventory | null; readonly instances: ReadonlyMap<string, Instance> } = { of: null, instances: new Map() };

  constructor(parts: ObservedParts) {
    this.#parts = parts;
    const { dataFolder, inventory, passwords, settings, run, now, random } = parts;
    this.#sightings = new Sightings(dataFolder, now);
    this.#identities = new Identities(inventory);
    this.#pollers = new Pollers((id) => this.#poller(id), () => settings.get().pollSeconds * 1000, random);
    this.#registry = new Registry({
      run,
      inventory: () => this.#reconciled(),
      quarantined: () => inventory.quarantined,
      passwordsKnown: () => passwords.known(),
      lagWarningSeconds: () => settings.get().lagWarningSeconds,
      pollSeconds: () => settings.get().pollSeconds,
      now,
    });
    this.#isMade = true;
    inventory.onUpdate(() => this.#registry.touch());
    this.#recall();
  }

  snapshot = (): FleetSnapshot => this.#registry.snapshot();
  view = (id: string): InstanceView => this.#registry.view(id);

  refresh = async (id: string): Promise<InstanceView> => {
    byId('instance', this.#parts.inventory.get().instances, id);
    await this.#pollers.of(id).read();
    if (this.#isPaused(this.#parts.inventory.get().instances.find((one) => one.id === id))) await this.#letGo(id);
    this.#identities.write();
    return this.view(id);
  };

  readFacts = async (id: string, signal?: AbortSignal): Promise<InstanceFacts> => {
    const { access, now } = this.#parts;
    const cancellable = signal === undefined ? {} : { signal };
    const sample = await access.withSession(id, async (session): Promise<Sample> => {
      const startedAt = now();
      const facts = await readFacts(session, signal);
      return { facts, startedAt, endedAt: now() };
    }, cancellable);
    this.note(id, sample);
    this.#identities.write();
    return sample.facts;
  };

  readFirst = (ids: readonly string[]): void => this.#pollers.readFirst(ids);

  objects = (id: string): Promise<readonly DatabaseObjects[]> => this.#parts.access.withSession(id, readObjects);

  replicasOf = (id: string): readonly Instance[] => {
    const { links } = this.snapshot().topology;
    return this.#parts.inventory.get().instances.filter((one) => one.id !== id
      && (links.some((link) => link.replicaId === one.id && link.sourceId === id) || (one.intent.kind === 'replica' && one.intent.sourceId === id)));
  };

  guardsFilters = (id: string): boolean => this.#guarded.has(id);

  expectFilters = (id: string, filters: ExpectedFilters | undefined): void => {
    this.#registry.expectFilters(id, filters);
    if (guardsFilters(filters)) this.#guarded.add(id);
    else this.#guarded.delete(id);
    // A pause ends where filters are to be guarded.
    if (this.#find(id)?.attention?.paused === undefined) return;
    this.#polled = null;
    this.#reconciled();
  };
  noteScopeFindings = (id: string, found: Partial<ScopeFindings>): void => this.#registry.noteScopeFindings(id, found);
  noteBreaches = (id: string, breaches: readonly Breach[]): void => this.#registry.noteBreaches(id, breaches);
  noteComparison = (id: string, comparison: Comparison | undefined): void => this.#registry.noteComparison(id, comparison);
  onChange = (listener: (change: FleetChange) => void): (() => void) => this.#registry.onChange(listener);

  start(): void {
    this.#pollers.start();
    this.#polled = null;
    this.#reconciled();
  }

  /** Ends the polls, and keeps what was last seen. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#pollers.close();
    this.#identities.close();
    this.#registry.flush();
    this.#sightings.close(this.#registry.memory);
    this.#registry.close();
  }

  /** A reading that somebody made. */
  note(id: string, sample: Sample): void {
    const instance = this.#find(id);
    if (instance === null) return;
    this.#sightings.note(id, this.#registry.noteSample(id, sample), this.#registry.memory);
    if (this.#isPaused(instance)) this.#registry.unwatch(id);
    const { uuid } = sample.facts.server;
    if (instance.serverUuid === null && uuid !== null) this.#identities.note(id, uuid);
  }

  /** A connection of ours was opened to hold the server's lock. */
  noteOwnLock(id: string, connectionId: number): void {
    this.#registry.noteOwnLock(id, connectionId);
  }

  /** Passwords may be known that were not, or the other way round: of one server, or of any. */
  passwordsChanged(id?: string): void {
    this.#registry.touch();
    this.#pollers.wake(id);
  }

  /** The session that is kept for its polls belongs to a connection of before. */
  async reconnect(id: string): Promise<void> {
    this.#polled = null;
    await this.#pollers.drop(id);
  }

  async forget(id: string): Promise<void> {
    this.#polled = null;
    await this.#pollers.drop(id);
    this.#registry.forget(id);
    this.#sightings.forget(id);
  }

  /** The role a server of these facts would have in this fleet, in place of `instanceId` or, undefined, beside the others. */
  roleOf(form: InstanceForm, instanceId: string | undefined, facts: InstanceFacts): Role | null {
    const { inventory, settings, run, now } = this.#parts;
    const others = this.snapshot().instances.filter((view) => view.instance.id !== instanceId).map((view): AnalysedMember => ({
      instance: view.instance, health: view.health, error: null, previous: null, passwordKnown: view.passwordKnown,
      current: this.#registry.currentSample(view.instance.id),
    }));
    const known = instanceId === undefined ? null : byId('instance', inventory.get().instances, instanceId);
    return roleInFleet(form, known, facts, { others, now: now(), lagWarningSeconds: settings.get().lagWarningSeconds, run });
  }

  #poller(id: string): Poller {
    const { access, settings, now, random } = this.#parts;
    return new Poller({
      intervalMs: () => settings.get().pollSeconds * 1000,
      connect: async (limitMs, signal) =>
        keepOutOfSlowLog(await access.connect(id, { timeoutMs: limitMs, signal, answerBytes: statusBytes }), { timeoutMs: limitMs, signal }),
      readFacts: (session) => readFacts(session),
      onSample: (sample) => this.note(id, sample),
      onFailure: (error, at) => {
        if (this.#find(id) === null) return;
        this.#sightings.noteFailure(id, this.#registry.noteFailure(id, error, at), this.#registry.memory);
      },
      isCredible: (facts) => isCredible(facts, this.#registry.currentSample(id)?.facts ?? null),
      now,
      random,
      turn: () => this.#turns.take(),
    });
  }

  /** The inventory, and a poller for each of its instances: another process may have changed it. */
  #reconciled(): Inventory {
    const inventory = this.#parts.inventory.get();
    // The same object while nothing changes.
    if (!this.#closed && inventory !== this.#polled) {
      this.#polled = inventory;
      const paused = inventory.instances.filter((one) => this.#isPaused(one));
      const left = new Set(paused.map(({ id }) => id));
      this.#pollers.keep(new Set(inventory.instances.flatMap(({ id }) => (left.has(id) ? [] : [id]))));
      if (this.#isMade) for (const id of left) if (!this.#paused.has(id)) this.#unwatch(id);
      this.#paused = left;
    }
    return inventory;
  }

  #isPaused(instance: Instance | undefined): boolean {
    return instance?.attention !== undefined && pauseOf(instance, this.guardsFilters(instance.id), this.#parts.now()) !== null;
  }

  /** Somebody had it read while it is not watched: its session is not kept, and the reading is of that moment. */
  async #letGo(id: string): Promise<void> {
    await this.#pollers.drop(id);
    this.#unwatch(id);
  }

  #unwatch(id: string): void {
    this.#registry.unwatch(id);
    this.#sightings.noteEnd(id);
  }

  #find(id: string): Instance | null {
    const inventory = this.#parts.inventory.get();
    if (this.#byId.of !== inventory) this.#byId = { of: inventory, instances: new Map(inventory.instances.map((one) => [one.id, one])) };
    return this.#byId.instances.get(id) ?? null;
  }

  #recall(): void {
    const { samples, failing, memory } = this.#sightings.load();
    for (const [id, sample] of samples) if (this.#find(id) !== null) this.#registry.recall(id, sample);
    for (const [id, since] of failing) {
      const instance = this.#find(id);
      if (instance !== null && !this.#isPaused(instance)) this.#registry.recallFailure(id, since);
    }
    this.#registry.recallMemory(memory);
  }
}

/** A server that is going down answers some questions with NULL: what was known is not overwritten by that. */
function isCredible(facts: InstanceFacts, before: InstanceFacts | null): boolean {
  return before === null || before.server.uuid === null || facts.server.uuid !== null;
}
