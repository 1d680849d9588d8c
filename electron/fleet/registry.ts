import type { AnalysedMember, Analysis, FleetMemory } from '../../shared/domain/analysis/analysis';
import { analyseChanged, noState, type FleetState } from '../../shared/domain/analysis/incremental';
import { noScopeFindings, type ExpectedFilters, type Sample, type ScopeFindings } from '../../shared/domain/analysis/input';
import type { Instance } from '../../shared/domain/fleet/instance';
import type { InstanceHealth } from '../../shared/domain/fleet/facts';
import type { FleetChange, FleetSnapshot, InstanceView } from '../../shared/domain/fleet/view';
import type { Breach } from '../../shared/domain/monitoring/thresholds';
import type { Comparison } from '../../shared/domain/verification/state';
import { withoutTrial } from '../../shared/domain/checks/trial';
import { sameData } from '../../shared/domain/same-data';
import { failure, type AppError, type ErrorCode } from '../../shared/errors/codes';
import { topologyChange, viewsChanged } from './differences';
import type { Inventory } from './inventory';
import { withKeptParts } from './kept-parts';

/** Changes are told together, at most this often; of a large fleet, where each look at the whole costs more, half as often. */
const BATCH_MS = 250;
const LARGE_BATCH_MS = 500;
const LARGE = 300;
/** Members whose conclusions are drawn in one go, where nobody asked for all; what else waits has its turn between two of them. */
const SLICE = 24;
const SLICE_PAUSE_MS = 4;

/** By the clock alone what is known is looked at again after the time between two readings, each of which has it looked at too. At most so seldom. */
const LONGEST_REST_MS = 5_000;

/** Failures that say nothing of the server: we could not even try. */
const ownFailures: ReadonlySet<ErrorCode> = new Set([
  'password-missing', 'password-elsewhere', 'vault-locked', 'vault-broken', 'keyring-unavailable', 'cancelled',
]);

const nobody: ReadonlySet<string> = new Set();

interface Entry {
  current: Sample | null;
  previous: Sample | null;
  health: InstanceHealth;
  error: AppError | null;
  /** Since when a trial of a login has been seen on it without a break, milliseconds since the epoch. */
  trialSince: number | null;
  /** Since when no reading of it had succeeded when an earlier run ended; null: it had, or one has since. */
  failedBefore: number | null;
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
  /** Whose readings, or what is known of them, changed since the last conclusions. */
  #touched = new Set<string>();
  /** What is known of any of them may have changed, the inventory too. */
  #isLoose = true;
  /** Members as the analyses read them, in the order of the inventory, until something of theirs changes. */
  #made: readonly AnalysedMember[] = [];
  /** When they were last made of what had come. */
  #takenAt = -Infinity;
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
    entry.failedBefore = null;
    entry.health = { state: 'reachable', lastSuccessAt: sample.endedAt, lastAttemptAt: sample.endedAt, failingSince: null };
    this.touch(id);
    return sample;
  }

  /** A reading that failed. The facts of before stay. Since when none has succeeded; null: that says nothing of the server. */
  noteFailure(id: string, error: AppError, at: number): number | null {
    const entry = this.#entry(id);
    entry.error = error;
    entry.health = ownFailures.has(error.code)
      ? { ...entry.health, state: 'unknown', lastAttemptAt: at }
      : { ...entry.health, state: 'unreachable', lastAttemptAt: at, failingSince: entry.health.failingSince ?? entry.failedBefore ?? at };
    this.touch(id);
    return entry.health.state === 'unreachable' ? entry.health.failingSince : null;
  }

  /** It is not read any more: what was read of it, or not, is not how it is. The facts stay, as old as they are. */
  unwatch(id: string): void {
    const entry = this.#entry(id);
    entry.error = null;
    entry.failedBefore = null;
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

  /** That it could not be read when an earlier run ended: where the first reading fails too, it goes on from then. */
  recallFailure(id: string, since: number): void {
    this.#entry(id).failedBefore = since;
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
    if (sameData(entry.scopeFindings, findings)) return;
    entry.scopeFindings = findings;
    this.touch(id);
  }

  noteComparison(id: string, comparison: Comparison | undefined): void {
    const entry = this.#entry(id);
    if (sameData(entry.comparison, comparison)) return;
    entry.comparison = comparison;
    this.touch(id);
  }

  noteBreaches(id: string, breaches: readonly Breach[]): void {
    const entry = this.#entry(id);
    if (sameData(entry.breaches, breaches)) return;
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
    this.#touched.add(id);
    this.touch();
  }

  get #analysis(): Analysis {
    return this.#state.analysis;
  }

  /** Something changed that the analyses read: of one instance, or of any. */
  touch(id?: string): void {
    if (id === undefined) this.#isLoose = true;
    else this.#touched.add(id);
    this.#flushIn(this.#batchMs);
  }

  get #batchMs(): number {
    return this.#inventory.instances.length > LARGE ? LARGE_BATCH_MS : BATCH_MS;
  }

  /** Conclusions are to be drawn: something changed, or the clock went on and not everything was looked at since. */
  get #isDue(): boolean {
    return this.#isLoose || this.#touched.size > 0 || this.#state.isBehind;
  }

  #flushIn(ms: number): void {
    if (this.#timer !== null || this.#listeners.size === 0) return;
    this.#timer = setTimeout(() => {
      let pause = LARGE_BATCH_MS;
      try {
        this.flush(SLICE);
        pause = this.#state.isBehind ? SLICE_PAUSE_MS : this.#batchMs;
      } finally {
        // What went wrong with some readings must not keep the others waiting for ever.
        if (this.#isDue) this.#flushIn(pause);
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
   * Draws the conclusions now, and tells the listeners what is different. `most`: of so many members about; for those that are left it is as if
   * what is new of them were still to come, and what comes meanwhile waits with them.
   */
  flush(most = Infinity): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const inventory = this.#options.inventory();
    const isSame = inventory === this.#inventory;
    if (!this.#isDue && isSame) return;
    const before = { inventory: this.#inventory, analysis: this.#analysis };
    this.#at = this.#options.now();
    const takes = most === Infinity || !isSame || !this.#state.isBehind || Math.abs(this.#at - this.#takenAt) >= LARGE_BATCH_MS;
    const taken = takes ? this.#taken(inventory) : null;
    const { lagWarningSeconds, pollSeconds, run } = this.#options;
    const restMs = Math.min(LONGEST_REST_MS, Math.max(BATCH_MS * 4, pollSeconds() * 1_000));
    const { members, changed } = taken ?? { members: this.#made, changed: nobody };
    this.#state = analyseChanged(this.#state, members, changed, this.#at, lagWarningSeconds(), run, { restMs, most });
    // Only now: where something failed above, it is all still to come.
    if (taken !== null) this.#keep(taken.members, inventory);
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

  /** The members by what has come since the last time. `changed`: whose member is another one, where the instances are the same; null: anybody's. */
  #taken(inventory: Inventory): { readonly members: readonly AnalysedMember[]; readonly changed: ReadonlySet<string> | null } {
    const touched = this.#touched;
    const isSame = inventory === this.#inventory && !this.#isLoose;
    return isSame ? { members: this.#renewed(touched), changed: touched } : { members: this.#membersOf(inventory, touched), changed: null };
  }

  #keep(members: readonly AnalysedMember[], inventory: Inventory): void {
    this.#made = members;
    this.#touched = new Set();
    this.#isLoose = false;
    this.#inventory = inventory;
    this.#takenAt = this.#at;
  }

  /** All members; those of `renewed`, and whoever is registered or reached otherwise than before, are made anew. */
  #membersOf(inventory: Inventory, renewed: ReadonlySet<string>): readonly AnalysedMember[] {
    const passwordKnown = this.#options.passwordsKnown();
    const made = new Map(this.#made.map((member) => [member.instance.id, member]));
    return inventory.instances.map((instance) => {
      const known = made.get(instance.id);
      const isKnown = passwordKnown(instance.id);
      const isKept = known?.instance === instance && known.passwordKnown === isKnown && !renewed.has(instance.id);
      return isKept ? known : memberOf(instance, this.#entries.get(instance.id) ?? emptyEntry(), isKnown);
    });
  }

  /** The members with those of `changed` made anew. */
  #renewed(changed: ReadonlySet<string>): readonly AnalysedMember[] {
    if (changed.size === 0) return this.#made;
    const passwordKnown = this.#options.passwordsKnown();
    const members = [...this.#made];
    for (const id of changed) {
      const place = this.#state.places.get(id) ?? -1;
      const known = members[place];
      if (known !== undefined) members[place] = memberOf(known.instance, this.#entries.get(id) ?? emptyEntry(), passwordKnown(id));
    }
    return members;
  }

  #difference(before: { inventory: Inventory; analysis: Analysis }): Omit<FleetChange, 'seq' | 'at'> | null {
    const { views, removed } = viewsChanged(before.analysis.views, this.#analysis.views, this.#state);
    const change = {
      ...(sameData(before.inventory.regions, this.#inventory.regions) ? {} : { regions: this.#inventory.regions }),
      ...(sameData(before.inventory.projects, this.#inventory.projects) ? {} : { projects: this.#inventory.projects }),
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
    ...(sameData(scopeFindings, noScopeFindings) ? {} : { scopeFindings }),
    ...(comparison === undefined ? {} : { comparison }),
    ...(breaches.length === 0 ? {} : { breaches }),
    passwordKnown,
  };
}

function emptyEntry(): Entry {
  return {
    current: null, previous: null, health: { state: 'unknown', lastSuccessAt: null, lastAttemptAt: null, failingSince: null }, error: null, trialSince: null,
    failedBefore: null,
    expectedFilters: undefined, scopeFindings: noScopeFindings, comparison: undefined, breaches: [], ownLocks: new Set(),
  };
}

function hasRestarted(before: Sample | null, now: Sample): boolean {
  const [then, since] = [before?.facts.server.uptimeSeconds ?? null, now.facts.server.uptimeSeconds];
  return then !== null && since !== null && since < then;
}
