import { useId } from 'react';
import type { ReactElement } from 'react';
import type { Gap } from '../stores/gaps';
import { silenceMs } from '../stores/lag-history';
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

/** A small line of the recent past: no axes, red stretches where nothing was known. `label` says it in words. */
export function Sparkline({
  points, gaps = [], from, to, label, width = 260, height = 44,
}: {
  points: readonly LagPoint[];
  gaps?: readonly Gap[];
  from: number;
  to: number;
  label: string;
  width?: number;
  height?: number;
}): ReactElement {
  const { paths } = sparkPaths(points, from, to, width, height, silenceMs);
  const place = (at: number): number => ((Math.max(from, at) - from) / (to - from)) * width;
  const hatch = useId();
  return (
    <svg className={classes.spark} viewBox={`0 0 ${width} ${height}`} width={width} height={height} role="img" aria-label={label} preserveAspectRatio="none">
      <title>{label}</title>
      <pattern id={hatch} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect width="6" height="6" className={classes.gap} />
        <path d="M0 0V6" className={classes.hatch} />
      </pattern>
      {gaps.map((gap) => (
        <rect key={gap.from} data-gap x={place(gap.from)} width={Math.max(1, place(gap.to) - place(gap.from))} height={height} fill={`url(#${hatch})`} />
      ))}
      <path d={`M0 ${height - 0.5}H${width}`} className={classes.base} />
      {paths.map((path, index) => (
        <path key={index} d={path} className={classes.line} />
      ))}
    </svg>
  );
}
