import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Explained } from '../../../shared/domain/slow/plan';
import { isHousekeeping, normalText } from '../../../shared/domain/slow/normal';
import { compareReports, reportBetween, type Naming, type SlowReport, type SlowView } from '../../../shared/domain/slow/report';
import type { DigestSnapshot } from '../../../shared/domain/slow/snapshot';
import { unwatchedOf, type Unwatched } from '../../../shared/domain/slow/switches';
import type { FleetServers } from '../../fleet/types';
import { hasErrno } from '../../mysql/errors';
import { quoteAccount } from '../../mysql/quote';
import type { Session } from '../../mysql/types';
import { explainDigest } from './explain';
import { readDigests, readSwitches } from './read';
import { SnapshotFile } from './snapshot-file';
import type { ExplainOrder, SlowOrder, SlowService } from './types';

export interface SlowDeps {
  readonly dataFolder: string;
  readonly fleet: FleetServers;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

const minute = 60_000;
/** Each server is asked so often, whether somebody looks or not. */
const everyMs = 15 * minute;
/** Of what is read while somebody looks, no more is kept. */
const keptEveryMs = minute;
/** Servers that are asked side by side. */
const atOnce = 4;

const naming: Naming = { textOf: normalText, idOf: (text) => createHash('sha256').update(text).digest('hex').slice(0, 16), isHousekeeping };

/** What one look at a server gave. */
interface Looked {
  readonly snapshot: DigestSnapshot | null;
  readonly unwatched: readonly Unwatched[];
}

export class SlowQueries implements SlowService {
  readonly #files = new Map<string, SnapshotFile>();
  /** By the clock of this machine. */
  readonly #askedAt = new Map<string, number>();
  #timer: NodeJS.Timeout | null = null;
  #round: Promise<void> = Promise.resolve();

  constructor(private readonly deps: SlowDeps) {}

  /** From now on every server that answers is asked every quarter of an hour. */
  startKeeping(): void {
    this.#timer = setInterval(() => { this.#round = this.#round.then(() => this.#keepAll()); }, minute);
    this.#timer.unref();
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    await this.#round;
  }

  async view({ id, minutes, back }: SlowOrder, signal?: AbortSignal): Promise<SlowView> {
    const stored = new Stored(this.#file(id));
    const begun = minutes === null ? null : stored.nearest(this.deps.clock() - minutes * minute);
    const { snapshot, unwatched } = await this.#look(id, begun, signal);
    if (snapshot === null) return { report: null, before: null, compared: [], unwatched: [...unwatched, ...stored.notes()], snapshots: stored.moments() };
    // By the server's clock, which need not be ours.
    const base = minutes === null ? null : stored.nearest(snapshot.at - minutes * minute);
    const report = reportBetween(base, snapshot, naming);
    const earlier = minutes === null || back === null ? null : earlierReport(stored, report, back * minute);
    stored.keep(snapshot);
    return {
      report, before: earlier?.interval ?? null, compared: earlier === null ? [] : compareReports(report, earlier),
      unwatched: [...unwatched, ...stored.notes()], snapshots: stored.moments(),
    };
  }

  explain({ id, digest, database, literals }: ExplainOrder, signal?: AbortSignal): Promise<Explained> {
    const options = { ...(signal === undefined ? {} : { signal }), ...(database === '' ? {} : { database }) };
    return this.deps.fleet.withSession(id, (session) => explainDigest(session, digest, database, literals), options);
  }

  /** `before`: what is compared with, which tells what moved since; null: nothing. */
  async #look(id: string, before: DigestSnapshot | null, signal?: AbortSignal): Promise<Looked> {
    return this.deps.fleet.withSession(id, async (session): Promise<Looked> => {
      const unwatched = unwatchedOf(await readSwitches(session));
      if (unwatched.some(({ severity }) => severity === 'blocks')) return { snapshot: null, unwatched };
      return { snapshot: await readDigests(session, before), unwatched };
    }, signal === undefined ? {} : { signal }).catch(async (thrown: unknown) => {
      // 1142, 1044, 1227: rights are missing.
      if (!hasErrno(thrown, 1142, 1044, 1227)) throw thrown;
      return { snapshot: null, unwatched: [await this.deps.fleet.withSession(id, missingRight)] };
    });
  }

  #file(id: string): SnapshotFile {
    const known = this.#files.get(id);
    if (known !== undefined) return known;
    const file = new SnapshotFile(join(this.deps.dataFolder, 'slow', `${id}.snapshots`));
    this.#files.set(id, file);
    return file;
  }

  /** Some at a time, so that one that hangs holds up few; who does not answer now is asked next time. */
  async #keepAll(): Promise<void> {
    const { fleet, clock } = this.deps;
    const ids = new Set(fleet.instances().map(({ id }) => id));
    for (const [id, file] of this.#files) {
      if (ids.has(id)) continue;
      new Stored(file).remove();
      this.#files.delete(id);
    }
    const due = [...ids].filter((id) => fleet.view(id).health.state === 'reachable' && clock() - (this.#askedAt.get(id) ?? 0) >= everyMs);
    const next = async (): Promise<void> => {
      for (let id = due.pop(); id !== undefined && this.#timer !== null; id = due.pop()) {
        this.#askedAt.set(id, clock());
        const stored = new Stored(this.#file(id));
        const looked = await this.#look(id, stored.nearest(clock())).catch(() => null);
        if (looked !== null && looked.snapshot !== null) stored.keep(looked.snapshot);
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

/** @see UnwatchedCause */
async function missingRight(session: Session): Promise<Unwatched> {
  const [row] = await session.query<{ me: string }>('SELECT CURRENT_USER() AS me');
  const me = row?.me ?? '';
  const at = me.lastIndexOf('@');
  const account = quoteAccount({ user: me.slice(0, at), host: me.slice(at + 1) });
  return { cause: 'rights', severity: 'blocks', cure: `GRANT SELECT ON performance_schema.* TO ${account};` };
}
