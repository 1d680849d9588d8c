import { MalformedEvent, type Bytes } from './bytes';

/** Bytes that the first or last, incomplete group of digits takes, by its number of digits. */
const groupBytes = [0, 1, 1, 2, 2, 3, 3, 4, 4] as const;
const digitsPerGroup = 9;

interface Groups {
  /** Digits before the point. */
  readonly whole: number;
  readonly sizes: readonly (readonly [size: number, digits: number])[];
  readonly length: number;
}

const known = new Map<number, Groups>();

function groupsOf(precision: number, scale: number): Groups {
  const key = precision * 256 + scale;
  const there = known.get(key);
  if (there !== undefined) return there;
  const whole = precision - scale;
  const [wholeGroups, wholeRest] = [Math.floor(whole / digitsPerGroup), whole % digitsPerGroup];
  const [fractionGroups, fractionRest] = [Math.floor(scale / digitsPerGroup), scale % digitsPerGroup];
  const sizes: (readonly [size: number, digits: number])[] = [];
  if (wholeRest > 0) sizes.push([groupBytes[wholeRest] as number, wholeRest]);
  for (let i = 0; i < wholeGroups + fractionGroups; i++) sizes.push([4, digitsPerGroup]);
  if (fractionRest > 0) sizes.push([groupBytes[fractionRest] as number, fractionRest]);
  const groups = { whole, sizes, length: sizes.reduce((sum, [size]) => sum + size, 0) };
  known.set(key, groups);
  return groups;
}

/** Bytes that a DECIMAL takes. */
export function decimalBytes(precision: number, scale: number): number {
  return groupsOf(precision, scale).length;
}

/**
 * A DECIMAL, exactly. Reference: `bin2decimal` in the server's `decimal.cc`: groups of nine digits in four bytes, the sign
 * in the first bit, negative numbers with every bit turned over.
 */
export function readDecimal(bytes: Bytes, precision: number, scale: number): string {
  const { whole, sizes, length } = groupsOf(precision, scale);
  if (length === 0) throw new MalformedEvent('a decimal without digits');
  const raw = Buffer.from(bytes.take(length));
  const isNegative = ((raw[0] as number) & 0x80) === 0;
  raw[0] = (raw[0] as number) ^ 0x80;
  if (isNegative) for (let i = 0; i < raw.length; i++) raw[i] = ~(raw[i] as number) & 0xff;
  let at = 0;
  let digits = '';
  for (const [size, count] of sizes) {
    digits += raw.readUIntBE(at, size).toString().padStart(count, '0');
    at += size;
  }
  const [before, after] = [digits.slice(0, whole).replace(/^0+/, ''), digits.slice(whole)];
  const text = `${before === '' ? '0' : before}${scale === 0 ? '' : `.${after}`}`;
  return isNegative ? `-${text}` : text;
}
