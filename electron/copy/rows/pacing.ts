import { nextPace, outlivesRetention, type Pace, type SourceLoad } from '../../../shared/domain/sync/copy-pace';
import { atLeast } from '../../../shared/domain/fleet/version';
import { failure } from '../../../shared/errors/codes';
import type { ReadJob } from '../snapshot/sessions';
import { ddlWatch } from '../snapshot/lock-blockers';
import type { RowPump } from './pump';
import type { RowMeter } from './row-meter';
import type { RowMover } from './rows';
import type { Snapshot } from '../snapshot/snapshot';

const everyMs = 2000;
/** Lanes to begin with. On a network with little delay two keep a server busier than four. */
export const firstLanes = 2;

export interface Watched {
  readonly job: ReadJob;
  /** What comes after the snapshot is needed too: without the source's binary logs the copy is of no use. */
  readonly mustFollow: boolean;
  readonly snapshot: Pick<Snapshot, 'control' | 'sessions' | 'gtidSet' | 'holdsChanges'> & { readonly pump: Pick<RowPump, 'limit'> };
  readonly mover: Pick<RowMover, 'lanes' | 'run' | 'stop' | 'want'>;
  readonly meter: Pick<RowMeter, 'bytes' | 'etaSeconds'>;
  /** What the user allows now, MB per second; null: no limit. */
  readonly mostMbPerSecond: () => number | null;
}

/**
 * Moves the rows, and looks at the source every two seconds meanwhile: the pace follows what the source bears, and the
 * copy stops with its reason where the source forgets what must follow it.
 *
 * @throws Failure `purged-during-copy`, or whatever the mover throws
 */
export async function moveWatched(watched: Watched): Promise<void> {
  const { job, snapshot, mover, mostMbPerSecond } = watched;
  snapshot.pump.limit(bytesOf(mostMbPerSecond()));
  const look = await observer(watched);
  const over = new AbortController();
  const watching = lookAgainAndAgain(look, over.signal).catch((thrown: unknown) => {
    // Of a copy that was cancelled that is told, whichever side of it hears of it first.
    job.step.checkpoint();
    throw thrown;
  });
  try {
    await Promise.race([mover.run(), watching]);
  } finally {
    over.abort();
    mover.stop();
    // A look under way asks on the session of the snapshot and tells the step: it ends before either is done with.
    await Promise.allSettled([watching]);
  }
  // The last look may have found that the source forgot what must follow the copy.
  await watching;
}

async function lookAgainAndAgain(look: () => Promise<void>, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    await untilNext(over);
    if (!over.aborted) await look();
  }
}

/** The time between two looks; over at once where no other one is wanted. */
function untilNext(over: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      over.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, everyMs);
    over.addEventListener('abort', end, { once: true });
  });
}

async function observer({ job, mustFollow, snapshot, mover, meter, mostMbPerSecond }: Watched): Promise<() => Promise<void>> {
  const { control, sessions, gtidSet, pump } = snapshot;
  const nameDdl = ddlWatch(job, control);
  const began = performance.now();
  // From 8.0.28 the lock against DDL keeps binary logs from being removed too. Manual: "LOCK INSTANCE FOR BACKUP".
  const keepsSeconds = atLeast(control.version, 8, 0, 28) && snapshot.holdsChanges() ? 0 : (job.keepsBinlogSeconds ?? 0);
  const load = async (own: number): Promise<SourceLoad> => {
    const [row] = await control.query<{ Value: string }>("SHOW GLOBAL STATUS LIKE 'Threads_running'", [], { signal: job.step.signal });
    return { threadsRunning: Math.max(0, Number(row?.Value ?? 0) - own), otherLagSeconds: job.otherLagSeconds?.() ?? null };
  };
  // The session that asks runs itself.
  const calm = await load(1);
  let pace: Pace = { lanes: firstLanes, capBytes: null, before: null, settled: false };
  let [bytes, at] = [0, began];
  let allowed = mostMbPerSecond();
  return async () => {
    await nameDdl();
    await job.objects?.keep(job.step, true);
    const now = await load(1 + mover.lanes);
    const since = performance.now();
    pace = nextPace(pace, { calm, now, bytesPerSecond: ((meter.bytes - bytes) / (since - at)) * 1000, mostLanes: sessions.length });
    [bytes, at] = [meter.bytes, since];
    mover.want(pace.lanes);
    const wanted = mostMbPerSecond();
    if (wanted !== allowed) job.step.log('info', wanted === null ? 'sync.log.copyRateNone' : 'sync.log.copyRate', { rate: wanted ?? 0 });
    allowed = wanted;
    pump.limit(lower(bytesOf(allowed), pace.capBytes));
    if (!mustFollow) return;
    const [row] = await control.query<{ lost: string }>('SELECT GTID_SUBTRACT(@@GLOBAL.gtid_purged, ?) AS lost', [gtidSet], { signal: job.step.signal });
    const elapsedSeconds = (since - began) / 1000;
    const lost = (row?.lost ?? '') !== '';
    if (lost || outlivesRetention({ keepsSeconds, elapsedSeconds, etaSeconds: meter.etaSeconds })) {
      throw failure(
        'purged-during-copy',
        { name: job.source.name, state: lost ? 'removed' : 'due', hours: Math.ceil((elapsedSeconds + (meter.etaSeconds ?? 0)) / 3600) + 1 },
        { server: job.source.name },
      );
    }
  };
}

function bytesOf(mb: number | null): number | null {
  return mb === null ? null : mb * 1e6;
}

function lower(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}
