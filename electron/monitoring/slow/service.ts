import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Explained } from '../../../shared/domain/slow/plan';
import { isHousekeeping, isThrottled, normalText } from '../../../shared/domain/slow/normal';
import { compareReports, reportBetween, type Naming, type SlowReport, type SlowView } from '../../../shared/domain/slow/report';
import type { DigestSnapshot } from '../../../shared/domain/slow/snapshot';
import { evenly, trendPoint, type SlowTrend, type TrendPoint } from '../../../shared/domain/slow/trend';
import { logsToTable, logThrottled, type Unwatched } from '../../../shared/domain/slow/switches';
import type { FleetServers } from '../../fleet/types';
import { explainDigest } from './explain';
import { lookAtDigests, lookAtLog } from './look';
import { readSwitches } from './read';
import { SnapshotFile } from './snapshot-file';
import type { ExplainOrder, SlowOrder, SlowService, TrendOrder } from './types';

export interface SlowDeps {
  readonly dataFolder: string;
  readonly fleet: FleetServers;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Whether somebody has an instance open: its snapshots are closer to each other. */
  readonly isOpen: (id: string) => boolean;
}

const minute = 60_000;
/** Each server is asked so often, whether somebody looks or not. */
const everyMs = 15 * minute;
/** Who has looked so lately looks still: an open page asks each minute. */
const lookingMs = 1.5 * minute;
/** A timer comes a moment earlier or later. */
const tickMs = 5_000;
/** Of what is read while somebody looks, no more is kept. */
const keptEveryMs = minute;
/** Points of a trend. */
const mostPoints = 60;
/** Servers that are asked side by side. */
const atOnce = 4;

const naming: Naming = { textOf: normalText, idOf: (text) => createHash('sha256').update(text).digest('hex').slice(0, 16), isHousekeeping };

/** What one look at a server gave; `base`: with what the interval begins, where nothing that is kept reaches back so far. */
interface Looked {
  readonly snapshot: DigestSnapshot | null;
  readonly base: DigestSnapshot | null;
  readonly unwatched: readonly Unwatched[];
  /** Where it is kept. */
  readonly stored: Stored;
}

export class SlowQueries implements SlowService {
  readonly #files = new Map<string, SnapshotFile>();
  /** By the clock of this machine. */
  /** How far the log of a server was read where that is further than what is kept: a look at a busy log takes a part of it. */
  readonly #logRead = new Map<string, DigestSnapshot>();
  readonly #askedAt = new Map<string, number>();
  readonly #viewedAt = new Map<string, number>();
  #timer: NodeJS.Timeout | null = null;
  #round: Promise<void> = Promise.resolve();

  constructor(private readonly deps: SlowDeps) {}

  /** From now on every server that answers is asked every quarter of an hour, and every minute while somebody has it open. */
  startKeeping(): void {
    this.#round = this.#removeStrays();
    this.#timer = setInterval(() => { this.#round = this.#round.then(() => this.#keepAll()); }, minute);
    this.#timer.unref();
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    await this.#round;
  }

  async view({ id, minutes, back }: SlowOrder, signal?: AbortSignal): Promise<SlowView> {
    this.#viewedAt.set(id, this.deps.clock());
    const { snapshot, base: read, unwatched, stored } = await this.#look(id, minutes, signal);
    if (snapshot === null) return { report: null, before: null, compared: [], unwatched: [...unwatched, ...stored.notes()], snapshots: stored.moments() };
    // By the server's clock, which need not be ours.
    const base = read ?? (minutes === null ? null : stored.nearest(snapshot.at - minutes * minute));
    const report = reportBetween(base, snapshot, naming);
    const earlier = minutes === null || back === null ? null : earlierReport(stored, report, back * minute);
    if (read !== null) stored.keep(read);
    this.#keep(id, snapshot, stored);
    return {
      report, before: earlier?.interval ?? null, compared: earlier === null ? [] : compareReports(report, earlier),
      unwatched: [...unwatched, ...stored.notes()], snapshots: stored.moments(),
    };
  }

  explain({ id, digest, database, literals }: ExplainOrder, signal?: AbortSignal): Promise<Explained> {
    const options = { ...(signal === undefined ? {} : { signal }), ...(database === '' ? {} : { database }) };
    return this.deps.fleet.withSession(id, (session) => explainDigest(session, digest, database, literals), options);
  }

  async trend({ id, digest, database, minutes }: TrendOrder): Promise<SlowTrend> {
    const kinds = [new Stored(this.#file(id, '')), new Stored(this.#file(id, '.log'))];
    const stored = kinds.find((one) => one.nearest(Infinity)?.rows.some((row) => row.digest === digest) === true) ?? kinds[0];
    if (stored === undefined) return { points: [] };
    const since = this.deps.clock() - minutes * minute;
    const moments = evenly(stored.moments().filter((at) => at >= since), mostPoints + 1);
    const points: TrendPoint[] = [];
    let before: DigestSnapshot | null = null;
    for (const moment of moments) {
      const after = stored.nearest(moment);
      const point = before === null || after === null ? null : trendPoint(before, after, { digest, database });
      if (point !== null) points.push(point);
      before = after;
      // Each is unpacked: nothing else is to wait for all of them.
      await new Promise((resolve) => setImmediate(resolve));
    }
    return { points };
  }

  /** `minutes`: how far back the interval goes that it is for; null: as far as is known. */
  async #look(id: string, minutes: number | null, signal?: AbortSignal): Promise<Looked> {
    const [digests, log] = [new Stored(this.#file(id, '')), new Stored(this.#file(id, '.log'))];
    const before = minutes === null ? null : digests.nearest(this.deps.clock() - minutes * minute);
    return this.deps.fleet.withSession(id, async (session): Promise<Looked> => {
      const switches = await readSwitches(session);
      const counted = await lookAtDigests(session, switches, before);
      const fromDigests = { snapshot: counted.snapshot, base: null, unwatched: counted.unwatched, stored: digests };
      if (counted.snapshot !== null || !logsToTable(switches)) return fromDigests;
      const since = minutes === null ? 0 : this.deps.clock() - minutes * minute;
      const logged = await lookAtLog(session, this.#newestLog(id, log), minutes);
      // Without a list of digests the log is the list: what would give more is no obstacle any more.
      const notes = counted.unwatched.map((one): Unwatched => ({ ...one, severity: logged.snapshot === null ? one.severity : 'notes' }));
      const throttled = (logged.snapshot?.rows ?? []).some(({ text, lastSeen }) => isThrottled(text) && lastSeen >= since) ? [logThrottled(switches)] : [];
      return { ...logged, unwatched: [...notes, ...logged.unwatched, ...throttled], stored: logged.snapshot === null ? digests : log };
    }, signal === undefined ? {} : { signal });
  }

  #keep(id: string, snapshot: DigestSnapshot, stored: Stored): void {
    stored.keep(snapshot);
    if (snapshot.log !== undefined && stored.moments().at(-1) !== snapshot.at) this.#logRead.set(id, snapshot);
    else this.#logRead.delete(id);
  }

  #newestLog(id: string, log: Stored): DigestSnapshot | null {
    const [kept, read] = [log.nearest(Infinity), this.#logRead.get(id)];
    return read !== undefined && (kept === null || (read.at >= kept.at && read.all.count >= kept.all.count)) ? read : kept;
  }

  /** `kind`: of the log's, `.log`. */
  #file(id: string, kind: '' | '.log'): SnapshotFile {
    const name = `${id}${kind}`;
    const known = this.#files.get(name);
    if (known !== undefined) return known;
    const file = new SnapshotFile(join(this.deps.dataFolder, 'slow', `${name}.snapshots`));
    this.#files.set(name, file);
    return file;
  }

  #everyMs(id: string): number {
    return this.deps.isOpen(id) || this.deps.clock() - (this.#viewedAt.get(id) ?? 0) < lookingMs ? minute : everyMs;
  }

  /** Snapshots of instances that were removed while nothing ran here. */
  async #removeStrays(): Promise<void> {
    const { instances, quarantined } = this.deps.fleet.snapshot();
    // What is put aside may come back, and its snapshots with it.
    if (quarantined.length > 0) return;
    const folder = join(this.deps.dataFolder, 'slow');
    const known = new Set(instances.map(({ instance }) => instance.id));
    for (const name of await readdir(folder).catch(() => [])) {
      const id = /^([A-Za-z0-9-]+)(?:\.log)?\.snapshots(?:\.next)?$/.exec(name)?.[1];
      if (id !== undefined && !known.has(id)) await rm(join(folder, name), { force: true }).catch(() => undefined);
    }
  }

  /** Some at a time, so that one that hangs holds up few; who does not answer now is asked next time. */
  async #keepAll(): Promise<void> {
    const { fleet, clock } = this.deps;
    const ids = new Set(fleet.instances().map(({ id }) => id));
    for (const [name, file] of this.#files) {
      if (ids.has(name.replace(/\.log$/, ''))) continue;
      new Stored(file).remove();
      this.#logRead.delete(name.replace(/\.log$/, ''));
      this.#files.delete(name);
    }
    const due = [...ids].filter((id) => fleet.view(id).health.state === 'reachable' && clock() - (this.#askedAt.get(id) ?? 0) >= this.#everyMs(id) - tickMs);
    const next = async (): Promise<void> => {
      for (let id = due.pop(); id !== undefined && this.#timer !== null; id = due.pop()) {
        this.#askedAt.set(id, clock());
        const looked = await this.#look(id, 0).catch(() => null);
        if (looked !== null && looked.snapshot !== null) this.#keep(id, looked.snapshot, looked.stored);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, next));
  }
}

/** The snapshots of a server for as long as they are worked with: what the disk refuses is noted, and ends nothing. */
class Stored {
  #refused = false;

  constructor(private readonly file: SnapshotFile) {}

  moments(): readonly number[] {
    return this.#asked(() => this.file.moments(), []);
  }

  nearest(moment: number): DigestSnapshot | null {
    return this.#asked(() => this.file.nearest(moment), null);
  }

  keep(snapshot: DigestSnapshot): void {
    this.#asked(() => {
      const last = this.file.moments().at(-1) ?? 0;
      // A clock that was put back begins anew.
      if (snapshot.at < last || snapshot.at - last >= keptEveryMs) this.file.add(snapshot);
    }, undefined);
  }

  remove(): void {
    this.#asked(() => this.file.remove(), undefined);
  }

  /** What the user is to know of it. */
  notes(): readonly Unwatched[] {
    const damaged = this.#asked(() => this.file.isDamaged(), false);
    const causes = [...(this.#refused ? ['storage' as const] : []), ...(damaged ? ['damaged' as const] : [])];
    return causes.map((cause) => ({ cause, severity: 'notes', cure: '' }));
  }

  #asked<Answer>(work: () => Answer, otherwise: Answer): Answer {
    try {
      return work();
    } catch {
      this.#refused = true;
      return otherwise;
    }
  }
}

function earlierReport(file: Stored, { interval }: SlowReport, backMs: number): SlowReport | null {
  const [from, to] = [file.nearest(interval.from - backMs), file.nearest(interval.to - backMs)];
  return from === null || to === null || from.at >= to.at ? null : reportBetween(from, to, naming);
}
