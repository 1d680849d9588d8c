import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
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
    const { snapshot, unwatched } = await this.#look(id, signal);
    const file = this.#file(id);
    if (snapshot === null) return { report: null, before: null, compared: [], unwatched, snapshots: file.moments() };
    const base = minutes === null ? null : file.nearest(snapshot.at - minutes * minute);
    const report = reportBetween(base, snapshot, naming);
    const earlier = minutes === null || back === null ? null : earlierReport(file, report, back * minute);
    const kept = this.#keep(id, snapshot);
    return {
      report, before: earlier?.interval ?? null, compared: earlier === null ? [] : compareReports(report, earlier),
      unwatched: kept ? unwatched : [...unwatched, { cause: 'storage', severity: 'notes', cure: '' }], snapshots: file.moments(),
    };
  }

  explain({ id, digest, database, literals }: ExplainOrder, signal?: AbortSignal): Promise<Explained> {
    const options = { ...(signal === undefined ? {} : { signal }), ...(database === '' ? {} : { database }) };
    return this.deps.fleet.withSession(id, (session) => explainDigest(session, digest, database, literals), options);
  }

  async #look(id: string, signal?: AbortSignal): Promise<Looked> {
    return this.deps.fleet.withSession(id, async (session): Promise<Looked> => {
      const unwatched = unwatchedOf(await readSwitches(session));
      if (unwatched.some(({ severity }) => severity === 'blocks')) return { snapshot: null, unwatched };
      return { snapshot: await readDigests(session), unwatched };
    }, signal === undefined ? {} : { signal }).catch(async (thrown: unknown) => {
      // 1142, 1044, 1227: rights are missing.
      if (!hasErrno(thrown, 1142, 1044, 1227)) throw thrown;
      return { snapshot: null, unwatched: [await this.deps.fleet.withSession(id, missingRight)] };
    });
  }

  #file(id: string): SnapshotFile {
    const known = this.#files.get(id);
    if (known !== undefined) return known;
    const folder = join(this.deps.dataFolder, 'slow');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const file = new SnapshotFile(join(folder, `${id}.snapshots`));
    this.#files.set(id, file);
    return file;
  }

  /** False: the disk of this machine took nothing; what was read is shown all the same. */
  #keep(id: string, snapshot: DigestSnapshot): boolean {
    const last = this.#file(id).moments().at(-1) ?? 0;
    // A clock that was put back begins anew.
    if (snapshot.at >= last && snapshot.at - last < keptEveryMs) return true;
    try {
      this.#file(id).add(snapshot);
      return true;
    } catch {
      return false;
    }
  }

  /** One after the other, so that no two servers wait for each other's place; who does not answer now is asked next time. */
  async #keepAll(): Promise<void> {
    const { fleet, clock } = this.deps;
    const ids = new Set(fleet.instances().map(({ id }) => id));
    for (const [id, file] of this.#files) {
      if (ids.has(id)) continue;
      file.remove();
      this.#files.delete(id);
    }
    for (const id of ids) {
      if (this.#timer === null) return;
      if (fleet.view(id).health.state !== 'reachable' || clock() - (this.#askedAt.get(id) ?? 0) < everyMs) continue;
      this.#askedAt.set(id, clock());
      const looked = await this.#look(id).catch(() => null);
      if (looked !== null && looked.snapshot !== null) this.#keep(id, looked.snapshot);
    }
  }
}

function earlierReport(file: SnapshotFile, { interval }: SlowReport, backMs: number): SlowReport | null {
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
