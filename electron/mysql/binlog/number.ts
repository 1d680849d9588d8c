/** A DOUBLE in the shortest form that is this very number, its exponent written as the server writes it. */
export function doubleText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value).replace('e+', 'e');
}

/** A FLOAT likewise: few digits are enough to name one of its values. */
export function floatText(value: number): string {
  // Of -0 the digits know no sign.
  if (value === 0) return doubleText(value);
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return doubleText(short);
  }
  return doubleText(Number(value.toPrecision(9)));
}
