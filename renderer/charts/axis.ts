/** The distance of the lines of an axis: 1, 2 or 5 times a power of ten, counted in the unit that is written. */
export function axisStep(top: number, base: 1000 | 1024): number {
  const unit = base === 1024 ? 1024 ** Math.max(0, Math.floor(Math.log(top) / Math.log(1024))) : 1;
  const wanted = top / unit / 3;
  const ten = 10 ** Math.floor(Math.log10(wanted));
  return unit * ten * ([1, 2, 5].find((times) => times * ten >= wanted) ?? 10);
}
