/** What the source has to bear besides the copy. */
export interface SourceLoad {
  /** Statements at work there that are not the copy's. */
  readonly threadsRunning: number;
  /** Worst lag of its other replicas, seconds; null: it has none that is known. */
  readonly otherLagSeconds: number | null;
}

/** How fast a copy goes now. */
export interface Pace {
  /** Sessions on each side that carry rows. */
  readonly lanes: number;
  /** Bytes per second that the source is held to for now; null: as fast as it goes. */
  readonly capBytes: number | null;
  /** Bytes per second before the last lane was added; null: none was added. */
  readonly before: number | null;
  /** One lane more was no help: it is not tried again. */
  readonly settled: boolean;
}

export interface PaceReading {
  /** As it was before the copy began. */
  readonly calm: SourceLoad;
  readonly now: SourceLoad;
  /** Bytes per second since the last reading. */
  readonly bytesPerSecond: number;
  readonly mostLanes: number;
}

const slowest = 1_000_000;
/** A lane more must bring this much, or it only costs both servers. */
const worthwhile = 1.1;

/** The source suffers: far more statements pile up than before, or its other replicas fall behind. */
export function suffers(calm: SourceLoad, now: SourceLoad): boolean {
  const piled = now.threadsRunning > 2 * calm.threadsRunning + 8;
  const late = now.otherLagSeconds !== null && now.otherLagSeconds > (calm.otherLagSeconds ?? 0) + 10;
  return piled || late;
}

/**
 * The pace until the next reading. While the source suffers: half the lanes, then half the rate. Once it is calm: back to
 * full rate step by step, then a lane more as long as each brings a tenth.
 */
export function nextPace(pace: Pace, { calm, now, bytesPerSecond, mostLanes }: PaceReading): Pace {
  if (suffers(calm, now)) {
    if (pace.lanes > 1) return { ...pace, lanes: Math.floor(pace.lanes / 2), before: null, settled: true };
    return { ...pace, capBytes: Math.max(slowest, Math.round(Math.min(pace.capBytes ?? Infinity, bytesPerSecond) / 2)), before: null, settled: true };
  }
  if (pace.capBytes !== null) return { ...pace, capBytes: bytesPerSecond < pace.capBytes / 2 ? null : pace.capBytes * 2 };
  if (pace.settled || bytesPerSecond === 0) return pace;
  if (pace.before !== null && bytesPerSecond < pace.before * worthwhile) return { ...pace, lanes: Math.max(1, pace.lanes - 1), before: null, settled: true };
  if (pace.lanes >= mostLanes) return { ...pace, before: null, settled: true };
  return { ...pace, lanes: pace.lanes + 1, before: bytesPerSecond };
}

/** How long a copy has gone on, is going to, and for how long the source keeps what comes after its position. Seconds. */
export interface RetentionReading {
  /** 0: the source keeps its binary logs until somebody removes them. */
  readonly keepsSeconds: number;
  readonly elapsedSeconds: number;
  /** null: it cannot be told yet. */
  readonly etaSeconds: number | null;
}

/**
 * Whether the source will still have the transactions that follow the position of the copy when the copy is done.
 * A binary log is kept for its time after its last transaction, so that this errs on the safe side.
 */
export function outlivesRetention({ keepsSeconds, elapsedSeconds, etaSeconds }: RetentionReading): boolean {
  // In the first minute an estimate is no ground to stop anything.
  if (keepsSeconds === 0 || elapsedSeconds < 60) return false;
  return elapsedSeconds + (etaSeconds ?? 0) > keepsSeconds;
}
