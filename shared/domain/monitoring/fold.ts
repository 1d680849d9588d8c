/** Least, mean and greatest of each series, side by side for one step: `[min, avg, max]` of the first, then of the second, and so on. NaN: a gap. */
export type Bands = Float32Array;

/** How many values of a band stand side by side. */
export const bandWidth = 3;

/** A row of single values as bands: what is known of one second is its value. */
export function bandsOf(row: Float32Array): Bands {
  const bands = new Float32Array(row.length * bandWidth);
  for (let at = 0; at < row.length; at += 1) bands.fill(row[at] ?? NaN, at * bandWidth, at * bandWidth + bandWidth);
  return bands;
}

/**
 * Several steps as one: the least of the least, the greatest of the greatest, and the mean of the means, each step that has a value counting
 * alike. A series without a value in any of them stays a gap.
 */
export function fold(steps: readonly Bands[], width: number): Bands {
  const folded = new Float32Array(width * bandWidth).fill(NaN);
  for (let at = 0; at < folded.length; at += bandWidth) {
    let [least, sum, greatest, count] = [Infinity, 0, -Infinity, 0];
    for (const step of steps) {
      const mean = step[at + 1] ?? NaN;
      if (Number.isNaN(mean)) continue;
      least = Math.min(least, step[at] ?? mean);
      greatest = Math.max(greatest, step[at + 2] ?? mean);
      sum += mean;
      count += 1;
    }
    if (count === 0) continue;
    folded[at] = least;
    // Rounding to 32 bits must not carry the mean past its ends.
    folded[at + 1] = Math.min(greatest, Math.max(least, sum / count));
    folded[at + 2] = greatest;
  }
  return folded;
}
