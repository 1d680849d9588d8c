import { absentSeries } from '../../shared/domain/monitoring/absent';
import { watchLeaseMs, type LivePoint, type Mark, type MonitoringRange, type MonitoringView } from '../../shared/domain/monitoring/monitoring';
import type { RawSample, SeriesValues } from '../../shared/domain/monitoring/rates';
import { seriesIds } from '../../shared/domain/monitoring/series';
import type { Threshold } from '../../shared/domain/monitoring/thresholds';
import type { FleetChange, InstanceView } from '../../shared/domain/fleet/view';
import type { PromotionReport } from '../../shared/domain/promotion/promotion';
import type { TaskView } from '../../shared/domain/tasks/task';
import { sameData } from '../../shared/domain/same-data';
import { message, type Message } from '../../shared/i18n/message';
import { Turns } from '../fleet/turns';
import type { FleetServers } from '../fleet/types';
import { Alarms } from './alarms';
import { Choices } from './choices';
import { between, marksOfWork } from './happenings';
import { readRange } from './history';
import { MarkBook } from './mark-book';
import { valuesNow } from './now';
import { Recorder } from './recorder';
import { RingStore } from './ring-store';
import { Sampler } from './sampler';
import { Tracked } from './tracked';
import type { MonitoringService, RangeRequest } from './types';

export interface MonitoringParts {
  readonly dataFolder: string;
  readonly fleet: FleetServers;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly pollSeconds: () => number;
  readonly tasks: () => readonly TaskView[];
  readonly promotions: () => readonly PromotionReport[];
  /** Tells of something that is not as it should be and ends nothing. */
  readonly alert: (instanceId: string, text: Message) => void;
}

/** Between two samples of an instance that is watched or marked. */
const closeMs = 1_000;
/** Samples further apart than this many intervals, and than so long, are a gap. */
const gapIntervals = 2.5;
/** Samples of instances that nobody looks at, all together: a large fleet is sampled less often than it is read, or its own console would be its load. */
const mostPerSecond = 100;
const shortestGapMs = 5_000;
/** InnoDB's report of an instance that nobody looks at, where a version tells the checkpoint there only. */
const reportEveryMs = 10_000;

interface Instance {
  readonly tracked: Tracked;
  readonly sampler: Sampler;
  /** Milliseconds by a clock that does not jump. */
  sampledAt: number;
  reportAt: number;
  /** A sample of it waits for its turn. */
  isWaiting: boolean;
  damage: Message | null;
}

/** See {@link MonitoringService}. Nothing is sampled before `start`. */
export function createMonitoring(parts: MonitoringParts): MonitoringService {
  return new Monitoring(parts);
}

class Monitoring implements MonitoringService {
  readonly #parts: MonitoringParts;
  readonly #choices: Choices;
  readonly #marks: MarkBook;
  readonly #alarms: Alarms;
  readonly #store: RingStore;
  readonly #recorder: Recorder;
  readonly #turns = new Turns();
  readonly #instances = new Map<string, Instance>();
  readonly #listeners = new Set<(point: LivePoint) => void>();
  /** Until when an instance is watched, milliseconds since the epoch. */
  readonly #watched = new Map<string, number>();
  /** What is under way, to be waited for at the end. */
  readonly #work = new Set<Promise<void>>();
  #stopFleet: (() => void) | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(parts: MonitoringParts) {
    const { dataFolder, clock } = parts;
    this.#parts = parts;
    this.#choices = new Choices(dataFolder);
    this.#marks = new MarkBook(dataFolder, clock);
    this.#alarms = new Alarms(() => this.#choices.thresholds());
    this.#store = new RingStore({ dataFolder, columns: seriesIds, clock, onDamage: (id, file) => this.#noteDamage(id, file) });
    this.#recorder = new Recorder(this.#store, steady, Math.random);
  }

  start(): void {
    if (this.#stopFleet !== null) return;
    this.#stopFleet = this.#parts.fleet.onChange((change) => this.#changed(change));
    const { instances, quarantined } = this.#parts.fleet.snapshot();
    for (const view of instances) this.#of(view);
    if (quarantined.length === 0) this.#run(this.#removeStrays(new Set(instances.map(({ instance }) => instance.id))));
    this.#tickSoon();
  }

  view(instanceId: string): MonitoringView {
    const { name, user } = this.#parts.fleet.instance(instanceId);
    const known = this.#instances.get(instanceId);
    const unwritten = this.#recorder.errorOf(instanceId);
    return {
      instanceId,
      marked: this.#choices.isMarked(instanceId),
      watched: this.#isWatched(instanceId),
      intervalMs: this.#intervalMs(instanceId),
      lastSampleAt: known?.tracked.sample?.at ?? null,
      error: known?.sampler.error ?? null,
      absent: absentSeries({
        sample: known?.tracked.sample ?? null, facts: known?.tracked.view.facts ?? null,
        refusedGrant: known?.sampler.refusedGrant ?? null, account: `'${user.replaceAll("'", "''")}'`,
      }),
      notice: unwritten === null ? known?.damage ?? null : message('monitoring.notice.unwritten', { name, error: unwritten.detail ?? unwritten.code }),
    };
  }

  async range(instanceId: string, request: RangeRequest): Promise<MonitoringRange> {
    this.#parts.fleet.instance(instanceId);
    await this.#recorder.flush(instanceId);
    return readRange(this.#store, instanceId, request, this.#parts.clock());
  }

  watch(instanceId: string): MonitoringView {
    this.#parts.fleet.instance(instanceId);
    this.#watched.set(instanceId, this.#parts.clock() + watchLeaseMs);
    return this.view(instanceId);
  }

  unwatch(instanceId: string): void {
    this.#watched.delete(instanceId);
  }

  setMarked(instanceId: string, on: boolean): MonitoringView {
    this.#parts.fleet.instance(instanceId);
    this.#choices.setMarked(instanceId, on);
    return this.view(instanceId);
  }

  marks(instanceIds: readonly string[], from: number, to: number): readonly Mark[] {
    const { tasks, promotions } = this.#parts;
    const [work, reports] = [tasks(), promotions()];
    return between(instanceIds.flatMap((id) => [...this.#marks.between(id, from, to), ...marksOfWork(id, work, reports)]), from, to);
  }

  thresholds(): readonly Threshold[] {
    return this.#choices.thresholds();
  }

  setThresholds(thresholds: readonly Threshold[]): readonly Threshold[] {
    this.#choices.setThresholds(thresholds);
    return this.#choices.thresholds();
  }

  sampleOnce(instanceId: string): Promise<RawSample | null> {
    return this.#of(this.#parts.fleet.view(instanceId)).sampler.sample(true);
  }

  async valuesNow(instanceId: string): Promise<SeriesValues> {
    const { tracked, sampler } = this.#of(this.#parts.fleet.view(instanceId));
    const { sample, values } = await valuesNow(this.#parts.fleet, instanceId, sampler);
    tracked.see(this.#parts.fleet.view(instanceId));
    tracked.take(sample, shortestGapMs, shortestGapMs);
    return values;
  }

  onLivePoint(listener: (point: LivePoint) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#stopFleet?.();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#listeners.clear();
    await Promise.all([...this.#instances.values()].map(({ sampler }) => sampler.close()));
    await Promise.all(this.#work);
    await this.#recorder.flushAll();
    this.#marks.close();
  }

  /** The middle of the next second: each sample falls into a second of its own, whatever a timer is late by. */
  #tickSoon(): void {
    const now = this.#parts.clock();
    const wait = 1_000 - ((now + 500) % 1_000);
    // A timer that fired a moment early is not to fire twice.
    this.#timer = setTimeout(() => this.#tick(), wait < 200 ? wait + 1_000 : wait);
    this.#timer.unref();
  }

  #tick(): void {
    this.#tickSoon();
    this.#choices.refresh();
    const now = this.#parts.clock();
    for (const [id, until] of this.#watched) if (until <= now) this.#watched.delete(id);
    for (const [id, instance] of this.#instances) {
      if (this.#isClose(id)) this.#sample(id, instance);
      this.#noteLapse(id, instance);
    }
    this.#run(this.#recorder.flushDue((id) => this.#isClose(id)));
  }

  /** Each reading of the fleet is a sample here: the same clock, and no attempt at a server that does not answer the fleet. */
  #changed({ instances = [], removedInstanceIds = [] }: FleetChange): void {
    for (const id of removedInstanceIds) this.#run(this.#forget(id));
    for (const view of instances) {
      const id = view.instance.id;
      const known = this.#instances.get(id);
      const instance = known ?? this.#of(view);
      if (known !== undefined && !sameLogin(known.tracked.view, view)) instance.sampler.reconnect();
      // Nothing is kept open to a server that is not watched.
      if (view.paused !== null && known?.tracked.view.paused === null) instance.sampler.reconnect();
      const isNew = instance.tracked.see(view) || known === undefined;
      this.#marks.noteProblems(view);
      // A reading comes a tenth earlier or later by chance.
      const isDue = steady() - instance.sampledAt >= this.#intervalMs(id) - this.#parts.pollSeconds() * 500;
      if (isNew && isDue && !this.#isClose(id)) this.#sample(id, instance);
    }
  }

  #sample(id: string, instance: Instance): void {
    // Where turns are scarce one that waits has its sample then, and there is no second behind it.
    if (!isRead(instance) || (instance.isWaiting && !this.#isClose(id))) return;
    instance.sampledAt = steady();
    this.#run(this.#take(id, instance));
  }

  async #take(id: string, instance: Instance): Promise<void> {
    // Of a large fleet many are due with one change; what somebody looks at keeps its second.
    if (!this.#isClose(id)) {
      instance.isWaiting = true;
      await this.#turns.take();
      instance.isWaiting = false;
      // Meanwhile it may have been lost, paused or removed: nobody opens a session to it then.
      if (this.#instances.get(id) !== instance || !isRead(instance)) return;
    }
    const withReport = this.#isClose(id) || steady() - instance.reportAt >= reportEveryMs;
    const sample = await instance.sampler.sample(withReport);
    if (sample === null || this.#instances.get(id) !== instance) return;
    if (withReport) instance.reportAt = steady();
    const longestMs = this.#longestMs(id);
    const judged = instance.tracked.take(sample, longestMs, Math.max(shortestGapMs, this.#parts.pollSeconds() * 1_000 * gapIntervals));
    if (judged.restartedAt !== null) this.#marks.noteRestart(id, judged.restartedAt);
    this.#parts.fleet.noteBreaches(id, this.#alarms.judge(id, judged.values, sample.at));
    const point: LivePoint = { instanceId: id, at: Math.floor(sample.at / 1_000) * 1_000, values: judged.values };
    if (this.#isWatched(id)) for (const listener of [...this.#listeners]) listener(point);
    await this.#recorder.note(id, judged.before, sample, judged.values, longestMs);
  }

  /** Two samples further apart are a gap. */
  #longestMs(id: string): number {
    return Math.max(this.#isClose(id) ? closeMs * gapIntervals : shortestGapMs, this.#intervalMs(id) * gapIntervals);
  }

  /** A server that does not give samples any more is past no threshold that we know of, and back from none. */
  #noteLapse(id: string, { tracked: { sample } }: Instance): void {
    if (sample === null || steady() - sample.steadyMs <= Math.max(shortestGapMs, this.#longestMs(id))) return;
    const lapsed = this.#alarms.lapse(id, sample.at);
    if (lapsed !== null) this.#parts.fleet.noteBreaches(id, lapsed);
  }

  #of(view: InstanceView): Instance {
    const { id } = view.instance;
    let instance = this.#instances.get(id);
    if (instance === undefined) {
      const { fleet, clock } = this.#parts;
      const sampler = new Sampler({ connect: (options) => fleet.connect(id, options), own: () => fleet.statementsSentTo(id), clock, steady });
      instance = { tracked: new Tracked(view), sampler, sampledAt: -Infinity, reportAt: -Infinity, isWaiting: false, damage: null };
      this.#instances.set(id, instance);
    }
    return instance;
  }

  async #forget(id: string): Promise<void> {
    const instance = this.#instances.get(id);
    this.#instances.delete(id);
    this.#watched.delete(id);
    await instance?.sampler.close();
    this.#recorder.forget(id);
    this.#alarms.forget(id);
    this.#marks.forget(id);
    this.#choices.forget(id);
    await this.#store.remove(id);
  }

  /** Values of instances that were removed while nothing ran here. */
  async #removeStrays(present: ReadonlySet<string>): Promise<void> {
    for (const id of await this.#store.ids()) if (!present.has(id)) await this.#store.remove(id);
  }

  #noteDamage(id: string, file: string): void {
    const name = this.#parts.fleet.instances().find((one) => one.id === id)?.name ?? id;
    const text = message('monitoring.notice.damaged', { name, file });
    const instance = this.#instances.get(id);
    if (instance !== undefined) instance.damage = text;
    this.#parts.alert(id, text);
  }

  #isWatched(id: string): boolean {
    return (this.#watched.get(id) ?? 0) > this.#parts.clock();
  }

  #isClose(id: string): boolean {
    return this.#isWatched(id) || this.#choices.isMarked(id);
  }

  #intervalMs(id: string): number {
    return this.#isClose(id) ? closeMs : Math.max(this.#parts.pollSeconds(), this.#instances.size / mostPerSecond) * 1_000;
  }

  /** Work that nobody waits for until the end. A failure of it is a fault of ours, and told as one. */
  #run(work: Promise<void>): void {
    const mine = work.finally(() => this.#work.delete(mine));
    this.#work.add(mine);
  }
}

/** Whether the fleet reads it, and it answers. */
const isRead = ({ tracked: { view } }: Instance): boolean => view.health.state === 'reachable' && view.paused === null;

const loginOf = ({ instance: { admin, user, tls } }: InstanceView): object => [admin, user, tls];

const sameLogin = (one: InstanceView, other: InstanceView): boolean => one.instance === other.instance || sameData(loginOf(one), loginOf(other));

const steady = (): number => performance.now();
