import type { AnalysedMember, Analysis, FleetMemory } from '../../shared/domain/analysis/analysis';
import { analyseChanged, noState, type FleetState } from '../../shared/domain/analysis/incremental';
import { noScopeFindings, type ExpectedFilters, type Sample, type ScopeFindings } from '../../shared/domain/analysis/input';
import type { Instance } from '../../shared/domain/fleet/instance';
import type { InstanceHealth } from '../../shared/domain/fleet/facts';
import type { Topology } from '../../shared/domain/fleet/topology';
import type { FleetChange, FleetSnapshot, InstanceView } from '../../shared/domain/fleet/view';
import type { Breach } from '../../shared/domain/monitoring/thresholds';
import type { Comparison } from '../../shared/domain/verification/state';
import { withoutTrial } from '../../shared/domain/checks/trial';
import { failure, type AppError, type ErrorCode } from '../../shared/errors/codes';
import type { Inventory } from './inventory';
import { withKeptParts } from './kept-parts';

/** Changes are told together, at most this often; of a large fleet, where each look at the whole costs more, half as often. */
const BATCH_MS = 250;
const LARGE_BATCH_MS = 500;
const LARGE = 300;
/** Readings whose conclusions are drawn in one go, where nobody asked for all; what else waits has its turn between two of them. */
const SLICE = 100;
const SLICE_PAUSE_MS = 10;

/** By the clock alone what is known is looked at again after half the time between two readings: what they tell is older than that. At most so seldom. */
const LONGEST_REST_MS = 5_000;

/** Failures that say nothing of the server: we could not even try. */
const ownFailures: ReadonlySet<ErrorCode> = new Set([
  'password-missing', 'password-elsewhere', 'vault-locked', 'vault-broken', 'keyring-unavailable', 'cancelled',
]);

interface Entry {
  current: Sample | null;
  previous: Sample | null;
  health: InstanceHealth;
  error: AppError | null;
  /** Since when a trial of a login has been seen on it without a break, milliseconds since the epoch. */
  trialSince: number | null;
  expectedFilters: ExpectedFilters | undefined;
  scopeFindings: ScopeFindings;
  comparison: Comparison | undefined;
  breaches: readonly Breach[];
  /** Connections of ours that were opened to hold its lock; their ids are the server's until it restarts. */
  ownLocks: ReadonlySet<number>;
}

export interface RegistryOptions {
  /** Which engine it belongs to. */
  readonly run: string;
  readonly inventory: () => Inventory;
  readonly quarantined: () => readonly string[];
  /** A look at the passwords that are at hand now. */
  readonly passwordsKnown: () => (instanceId: string) => boolean;
  readonly lagWarningSeconds: () => number;
  /** How often servers are read. */
  readonly pollSeconds: () => number;
  readonly now: () => number;
}

/**
 * What is known of every registered instance, and what follows from it. Readings and failures come in one by one; the
 * analyses run over all of them together, and what changed goes out in numbered batches.
 */
export class Registry {
  readonly #options: RegistryOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #listeners = new Set<(change: FleetChange) => void>();
  #state: FleetState = noState();
  /** The views of an analysis by instance, made when one is first asked for. */
  #byId: { readonly of: Analysis | null; readonly views: ReadonlyMap<string, InstanceView> } = { of: null, views: new Map() };
  #inventory: Inventory;
  readonly #untold: FleetChange[] = [];
  #isTelling = false;
  #seq = 0;
  #at: number;
  /** Whose readings, or what is known of them, changed since the last conclusions; null: anything may have. */
  #touched: Set<string> | null = null;
  #dirty = true;
  /** Members as the analyses read them, until something of theirs changes. */
  readonly #made = new Map<string, AnalysedMember>();
  #timer: NodeJS.Timeout | null = null;

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.#inventory = options.inventory();
    this.#at = options.now();
  }

  /** A reading that succeeded; returns it as it counts, without what a trial of our own put there for a moment. */
  noteSample(id: string, read: Sample): Sample {
    const entry = this.#entry(id);
    // Readings of one server may end in another order than they began.
    if (entry.current !== null && read.startedAt < entry.current.startedAt) return entry.current;
    entry.trialSince = read.facts.trialUnderWay === true ? (entry.trialSince ?? read.facts.sampledAt) : null;
    const before = entry.current?.facts ?? null;
    const sample = { ...read, facts: withKeptParts(before, withoutTrial(read.facts, before, entry.trialSince)) };
    if (hasRestarted(entry.current, sample)) entry.ownLocks = new Set();
    entry.previous = entry.current;
    entry.current = sample;
    entry.error = null;
    entry.health = { state: 'reachable', lastSuccessAt: sample.endedAt, lastAttemptAt: sample.endedAt, failingSince: null };
    this.touch(id);
    return sample;
  }

  /** A reading that failed. The facts of before stay. */
  noteFailure(id: string, error: AppError, at: number): void {
    const entry = this.#entry(id);
    entry.error = error;
    entry.health = ownFailures.has(error.code)
      ? { ...entry.health, state: 'unknown', lastAttemptAt: at }
      : { ...entry.health, state: 'unreachable', lastAttemptAt: at, failingSince: entry.health.failingSince ?? at };
    this.touch(id);
  }

  /** It is not read any more: what was read of it, or not, is not how it is. The facts stay, as old as they are. */
  unwatch(id: string): void {
    const entry = this.#entry(id);
    entry.error = null;
    entry.health = { ...entry.health, state: 'unknown', failingSince: null };
    this.touch(id);
  }

  /** Facts from an earlier run: known, with their age, and not reachable yet. */
  recall(id: string, sample: Sample): void {
    const entry = this.#entry(id);
    if (entry.current !== null) return;
    entry.current = sample;
    entry.health = { ...entry.health, lastSuccessAt: sample.endedAt };
    this.touch(id);
  }

  recallMemory(memory: FleetMemory): void {
    this.#state = noState(memory);
    this.touch();
  }

  get memory(): FleetMemory {
    return this.#analysis.memory;
  }

  currentSample(id: string): Sample | null {
    return this.#entries.get(id)?.current ?? null;
  }

  expectFilters(id: string, filters: ExpectedFilters | undefined): void {
    this.#entry(id).expectedFilters = filters;
    this.touch(id);
  }

  noteScopeFindings(id: string, found: Partial<ScopeFindings>): void {
    const entry = this.#entry(id);
    const findings = { ...entry.scopeFindings, ...found };
    if (same(entry.scopeFindings, findings)) return;
    entry.scopeFindings = findings;
    this.touch(id);
  }

  noteComparison(id: string, comparison: Comparison | undefined): void {
    const entry = this.#entry(id);
    if (same(entry.comparison, comparison)) return;
    entry.comparison = comparison;
    this.touch(id);
  }

  noteBreaches(id: string, breaches: readonly Breach[]): void {
    const entry = this.#entry(id);
    if (same(entry.breaches, breaches)) return;
    entry.breaches = breaches;
    this.touch(id);
  }

  /** A connection of ours was opened to hold the server's lock. */
  noteOwnLock(id: string, connectionId: number): void {
    const entry = this.#entry(id);
    entry.ownLocks = new Set([...entry.ownLocks, connectionId]);
    this.touch(id);
  }

  /** Forgets readings: the instance was removed, or its connection changed. */
  forget(id: string): void {
    this.#entries.delete(id);
    this.touch();
  }

  get #analysis(): Analysis {
    return this.#state.analysis;
  }

  /** Something changed that the analyses read: of one instance, or of any. */
  touch(id?: string): void {
    this.#dirty = true;
    if (id === undefined) {
      this.#touched = null;
      this.#made.clear();
    } else this.#touched?.add(id);
    this.#flushIn(this.#inventory.instances.length > LARGE ? LARGE_BATCH_MS : BATCH_MS);
  }

  #flushIn(ms: number): void {
    if (this.#timer !== null || this.#listeners.size === 0) return;
    this.#timer = setTimeout(() => {
      let pause = LARGE_BATCH_MS;
      try {
        this.flush(SLICE);
        pause = SLICE_PAUSE_MS;
      } finally {
        // What went wrong with some readings must not keep the others waiting for ever.
        if (this.#dirty) this.#flushIn(pause);
      }
    }, ms);
    this.#timer.unref();
  }

  snapshot(): FleetSnapshot {
    this.flush();
    const { regions, projects } = this.#inventory;
    return {
      seq: this.#seq, at: this.#at, regions, projects, instances: this.#analysis.views, topology: this.#analysis.topology,
      quarantined: this.#options.quarantined(),
    };
  }

  view(id: string): InstanceView {
    this.flush();
    if (this.#byId.of !== this.#analysis) this.#byId = { of: this.#analysis, views: new Map(this.#analysis.views.map((one) => [one.instance.id, one])) };
    const view = this.#byId.views.get(id);
    if (view === undefined) throw failure('not-found', { kind: 'instance', name: id });
    return view;
  }

  onChange(listener: (change: FleetChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Draws the conclusions now, and tells the listeners what is different. `most`: of so many readings about; for those that are left it is as
   * if they were still to come.
   */
  flush(most = Infinity): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const inventory = this.#options.inventory();
    if (!this.#dirty && inventory === this.#inventory) return;
    const before = { inventory: this.#inventory, analysis: this.#analysis };
    const all = inventory === this.#inventory ? this.#touched : null;
    const touched = all === null || all.size <= most ? all : this.#slice(all, most);
    this.#touched = new Set(all === touched ? [] : [...(all ?? [])].filter((id) => touched?.has(id) === false));
    this.#dirty = this.#touched.size > 0;
    for (const id of touched ?? this.#made.keys()) this.#made.delete(id);
    this.#inventory = inventory;
    this.#at = this.#options.now();
    const { lagWarningSeconds, pollSeconds, run } = this.#options;
    const restMs = Math.min(LONGEST_REST_MS, Math.max(BATCH_MS * 4, pollSeconds() * 500));
    this.#state = analyseChanged(this.#state, this.#members(inventory), touched, this.#at, lagWarningSeconds(), run, restMs);
    const change = this.#difference(before);
    if (change === null) return;
    this.#seq += 1;
    this.#tell({ seq: this.#seq, at: this.#at, ...change });
  }

  /**
   * A listener that asks for all may find more that is new: it is told after this, to everybody in one order. One that throws keeps nothing from
   * the others, nor from whoever asked for the conclusions: what it throws goes where all goes that nobody catches.
   */
  #tell(change: FleetChange): void {
    this.#untold.push(change);
    if (this.#isTelling) return;
    this.#isTelling = true;
    try {
      for (let next = this.#untold.shift(); next !== undefined; next = this.#untold.shift()) {
        for (const listener of [...this.#listeners]) {
          try {
            listener(next);
          } catch (thrown) {
            queueMicrotask(() => { throw thrown; });
          }
        }
      }
    } finally {
      this.#isTelling = false;
    }
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#listeners.clear();
  }

  /** So many of those that were touched, and whoever hangs together with them: of a part all is looked at, or nothing. */
  #slice(touched: ReadonlySet<string>, most: number): ReadonlySet<string> {
    const { parts, partOf } = this.#state;
    const slice = new Set<string>();
    for (const id of touched) {
      if (slice.size >= most) break;
      for (const mate of parts[partOf.get(id) ?? -1]?.ids ?? [id]) if (touched.has(mate)) slice.add(mate);
    }
    return slice;
  }

  #members(inventory: Inventory): AnalysedMember[] {
    const passwordKnown = this.#options.passwordsKnown();
    return inventory.instances.map((instance) => {
      const known = this.#made.get(instance.id);
      const isKnown = passwordKnown(instance.id);
      if (known?.instance === instance && known.passwordKnown === isKnown) return known;
      const member = memberOf(instance, this.#entries.get(instance.id) ?? emptyEntry(), isKnown);
      this.#made.set(instance.id, member);
      return member;
    });
  }

  #difference(before: { inventory: Inventory; analysis: Analysis }): Omit<FleetChange, 'seq' | 'at'> | null {
    const { views, removed } = viewsChanged(before.analysis.views, this.#analysis.views, before.inventory === this.#inventory ? this.#state.looked : null);
    const change = {
      ...(same(before.inventory.regions, this.#inventory.regions) ? {} : { regions: this.#inventory.regions }),
      ...(same(before.inventory.projects, this.#inventory.projects) ? {} : { projects: this.#inventory.projects }),
      ...(views.length === 0 ? {} : { instances: views }),
      ...(removed.length === 0 ? {} : { removedInstanceIds: removed }),
      ...topologyChange(before.analysis.topology, this.#analysis.topology),
    };
    return Object.keys(change).length === 0 ? null : change;
  }

  #entry(id: string): Entry {
    let entry = this.#entries.get(id);
    if (entry === undefined) {
      entry = emptyEntry();
      this.#entries.set(id, entry);
    }
    return entry;
  }
}

function memberOf(instance: Instance, entry: Entry, passwordKnown: boolean): AnalysedMember {
  const { current, previous, health, error, expectedFilters, scopeFindings, comparison, breaches, ownLocks } = entry;
  return {
    instance, current, previous, health, error, ownLocks,
    ...(expectedFilters === undefined ? {} : { expectedFilters }),
    ...(same(scopeFindings, noScopeFindings) ? {} : { scopeFindings }),
    ...(comparison === undefined ? {} : { comparison }),
    ...(breaches.length === 0 ? {} : { breaches }),
    passwordKnown,
  };
}

function emptyEntry(): Entry {
  return {
    current: null, previous: null, health: { state: 'unknown', lastSuccessAt: null, lastAttemptAt: null, failingSince: null }, error: null, trialSince: null,
    expectedFilters: undefined, scopeFindings: noScopeFindings, comparison: undefined, breaches: [], ownLocks: new Set(),
  };
}

function hasRestarted(before: Sample | null, now: Sample): boolean {
  const [then, since] = [before?.facts.server.uptimeSeconds ?? null, now.facts.server.uptimeSeconds];
  return then !== null && since !== null && since < then;
}

// Both sides are plain data; facts are large and compared by identity, a reading makes new ones.
function same(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

/** What to tell of a topology: readings move the lag of some links, and seldom more. Links that were not looked at again are the same objects. */
function topologyChange(before: Topology, now: Topology): Pick<FleetChange, 'topology' | 'links'> {
  const sameIds = before.links.length === now.links.length && before.links.every(({ id }, at) => id === now.links[at]?.id);
  if (!sameIds || !same(before.unregistered, now.unregistered)) return { topology: now };
  const links = now.links.filter((link, at) => !same(before.links[at], link));
  return links.length === 0 ? {} : { links };
}

/** `looked`: only these may have another view, each in its place; null: anything may have changed, the inventory too. */
function viewsChanged(
  before: readonly InstanceView[], now: readonly InstanceView[], looked: ReadonlySet<string> | null,
): { readonly views: readonly InstanceView[]; readonly removed: readonly string[] } {
  if (looked !== null) return { views: now.filter((view, at) => looked.has(view.instance.id) && !sameView(before[at], view)), removed: [] };
  const old = new Map(before.map((view) => [view.instance.id, view]));
  const present = new Set(now.map((view) => view.instance.id));
  return {
    views: now.filter((view) => !sameView(old.get(view.instance.id), view)),
    removed: [...old.keys()].filter((id) => !present.has(id)),
  };
}

function sameView(one: InstanceView | undefined, other: InstanceView): boolean {
  return one !== undefined && one.facts === other.facts && same({ ...one, facts: null }, { ...other, facts: null });
}
