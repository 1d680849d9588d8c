/**
 * How far a standby is behind. `caught-up`: nothing to receive, nothing to apply. `not-replicating`: a thread is
 * stopped or only connecting — never shown as 0. `unknown`: not enough facts.
 */
export interface Lag {
  readonly state: 'caught-up' | 'behind' | 'not-replicating' | 'unknown';
  /** Seconds, by the best measure there is; null: unknown. */
  readonly seconds: number | null;
  /** What `seconds` rests on: µs applier timestamps (8.0+) or the server's whole seconds. */
  readonly measure: 'applier-timestamps' | 'whole-seconds' | null;
  /** Transactions the source has and the standby has not received; null: the source was not seen. */
  readonly toReceive: number | null;
  /** Transactions received and not yet applied. */
  readonly toApply: number | null;
  /** Binary log distance in bytes where both ends are in one file, else null. */
  readonly bytes: number | null;
  /** When the standby was read. */
  readonly standbyAt: number;
  /** When the source was read; null: never. Older than `standbyAt` by much: `toReceive` is of that moment. */
  readonly sourceAt: number | null;
}

/**
 * Transactions that a switch now may lose: those not received, and, while replication does not run, those received as
 * well, since an applier that stopped may not get past them. Null: not known.
 */
export function transactionsAtRisk({ state, toReceive, toApply }: Pick<Lag, 'state' | 'toReceive' | 'toApply'>): number | null {
  if (toReceive === null || state === 'unknown') return null;
  if (state !== 'not-replicating') return toReceive;
  return toApply === null ? null : toReceive + toApply;
}

/** The primary at the head of a chain, and how far a replica of a replica is behind it. */
export interface HeadLag {
  readonly headId: string;
  readonly lag: Lag;
}
