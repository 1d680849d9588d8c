import type { ReactElement } from 'react';
import type { LagPoint } from '../stores/lag-history';
import classes from './Sparkline.module.css';

/** Paths of the stretches without a hole; NaN and gaps of more than `gapMs` interrupt the line. Pure. */
export function sparkPaths(
  points: readonly LagPoint[],
  from: number,
  to: number,
  width: number,
  height: number,
  gapMs: number,
): { readonly paths: readonly string[]; readonly max: number } {
  const max = Math.max(0.1, ...points.map(({ seconds }) => (Number.isNaN(seconds) ? 0 : seconds)));
  const paths: string[] = [];
  let current = '';
  let last: number | null = null;
  for (const { at, seconds } of points) {
    const broken = Number.isNaN(seconds) || (last !== null && at - last > gapMs);
    if (broken && current !== '') {
      paths.push(current);
      current = '';
    }
    last = at;
    if (Number.isNaN(seconds)) continue;
    const x = ((at - from) / (to - from)) * width;
    const y = height - 1 - (seconds / max) * (height - 3);
    current += `${current === '' ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`;
  }
  if (current !== '') paths.push(current);
  return { paths, max };
}

/** A small line of the recent past: no axes, holes where nothing was known. `label` says it in words. */
export function Sparkline({
  points, from, to, label, width = 260, height = 44,
}: {
  points: readonly LagPoint[];
  from: number;
  to: number;
  label: string;
  width?: number;
  height?: number;
}): ReactElement {
  const { paths } = sparkPaths(points, from, to, width, height, 30_000);
  return (
    <svg className={classes.spark} viewBox={`0 0 ${width} ${height}`} width={width} height={height} role="img" aria-label={label} preserveAspectRatio="none">
      <title>{label}</title>
      <path d={`M0 ${height - 0.5}H${width}`} className={classes.base} />
      {paths.map((path, index) => (
        <path key={index} d={path} className={classes.line} />
      ))}
    </svg>
  );
}
