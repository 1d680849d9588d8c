/**
 * Bytes of redo between the last checkpoint and the end of the log, as SHOW ENGINE INNODB STATUS tells them in its part LOG; null where they
 * are not there. The same words from 5.6 to 9.7; some builds print a 64-bit number as two of 32. Manual: "InnoDB Standard Monitor Output".
 */
export function checkpointAgeOf(report: string): number | null {
  // The last ones: the text of a statement that is shown above may hold the same words.
  const [current, checkpoint] = [lastNumber(report, 'Log sequence number'), lastNumber(report, 'Last checkpoint at')];
  return current === null || checkpoint === null || current < checkpoint ? null : Number(current - checkpoint);
}

function lastNumber(report: string, label: string): bigint | null {
  const found = [...report.matchAll(new RegExp(`^${label}\\s+(\\d+)(?: (\\d+))?\\s*$`, 'gm'))].at(-1);
  if (found?.[1] === undefined) return null;
  return found[2] === undefined ? BigInt(found[1]) : (BigInt(found[1]) << 32n) + BigInt(found[2]);
}

/**
 * What tells the latest deadlock of a report from the one before it: its moment and the transactions in it; null: there was none since the
 * server was started, or the report is cut.
 */
export function latestDeadlockOf(report: string): string | null {
  const [, moment, rest] = /^LATEST DETECTED DEADLOCK\n-+\n(.*)\n([\s\S]{0,20000})/m.exec(report) ?? [];
  if (moment === undefined) return null;
  return [moment, ...[...(rest ?? '').matchAll(/^TRANSACTION (\d+),/gm)].slice(0, 2).map(([, id]) => id ?? '')].join(' ');
}

/** Deadlocks as they are counted where the server's own counter leaves some out. */
export interface DeadlockCount {
  /** The server's counter. */
  readonly counted: number;
  readonly latest: string | null | undefined;
  /** Those that the counter left out. */
  readonly left: number;
}

/**
 * Before 8.0.18 the counter of InnoDB leaves out every deadlock that the transaction which closed the circle paid for; the report shows the
 * latest one, whoever paid. A new one there while the counter stood still is one that was left out. Several of them between two reports are
 * told as one. `latest` undefined: the report was not read.
 */
export function countDeadlocks(before: DeadlockCount | null, counted: number, latest: string | null | undefined): DeadlockCount {
  const seen = latest === undefined ? before?.latest : latest;
  if (before === null || counted < before.counted) return { counted, latest: seen, left: 0 };
  const isNew = latest !== undefined && latest !== null && before.latest !== undefined && latest !== before.latest;
  return { counted, latest: seen, left: before.left + (isNew && counted === before.counted ? 1 : 0) };
}
