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
