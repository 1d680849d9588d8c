import type { Bytes } from './bytes';

const two = (value: number): string => value.toString().padStart(2, '0');
const four = (value: number): string => value.toString().padStart(4, '0');

/** `.123` of a fraction that was stored with `decimals` digits; '' without any. */
function fractionText(microseconds: number, decimals: number): string {
  return decimals === 0 ? '' : `.${microseconds.toString().padStart(6, '0').slice(0, decimals)}`;
}

/** Two digits in each byte, big end first; an odd number of digits takes a byte that ends in 0. In microseconds. */
function readFraction(bytes: Bytes, decimals: number): number {
  const size = (decimals + 1) >> 1;
  return size === 0 ? 0 : bytes.bigEndian(size) * 10 ** (6 - 2 * size);
}

export function readYear(bytes: Bytes): string {
  const value = bytes.uint(1);
  return four(value === 0 ? 0 : 1900 + value);
}

export function readDate(bytes: Bytes): string {
  const value = bytes.uint(3);
  return `${four(value >> 9)}-${two((value >> 5) & 15)}-${two(value & 31)}`;
}

/** TIME of 5.6.4 and later: a number that keeps its order as bytes, so that negative ones are counted from below. */
export function readTime2(bytes: Bytes, decimals: number): string {
  const size = (decimals + 1) >> 1;
  const scale = 256 ** size;
  const packed = bytes.bigEndian(3) * scale + bytes.bigEndian(size) - 0x800000 * scale;
  const magnitude = Math.abs(packed);
  const whole = Math.floor(magnitude / scale);
  const microseconds = size === 0 ? 0 : (magnitude % scale) * 10 ** (6 - 2 * size);
  return `${packed < 0 ? '-' : ''}${two((whole >> 12) & 0x3ff)}:${two((whole >> 6) & 63)}:${two(whole & 63)}${fractionText(microseconds, decimals)}`;
}

/** DATETIME of 5.6.4 and later. */
export function readDatetime2(bytes: Bytes, decimals: number): string {
  const value = bytes.bigEndian(5) - 0x8000000000;
  const [day, time] = [Math.floor(value / 0x20000), value % 0x20000];
  const months = Math.floor(day / 32);
  const date = `${four(Math.floor(months / 13))}-${two(months % 13)}-${two(day % 32)}`;
  return `${date} ${two(time >> 12)}:${two((time >> 6) & 63)}:${two(time & 63)}${fractionText(readFraction(bytes, decimals), decimals)}`;
}

/** A TIMESTAMP in UTC; 0 is the zero timestamp. */
export function readTimestamp2(bytes: Bytes, decimals: number): string {
  const seconds = bytes.bigEndian(4);
  return `${timestampText(seconds)}${fractionText(readFraction(bytes, decimals), decimals)}`;
}

/** Tables made before 5.6.4 keep the older forms. */
export function readOldTimestamp(bytes: Bytes): string {
  return timestampText(bytes.uint(4));
}

export function readOldTime(bytes: Bytes): string {
  const value = bytes.int(3);
  const magnitude = Math.abs(value);
  return `${value < 0 ? '-' : ''}${two(Math.floor(magnitude / 10_000))}:${two(Math.floor(magnitude / 100) % 100)}:${two(magnitude % 100)}`;
}

export function readOldDatetime(bytes: Bytes): string {
  const digits = bytes.uint64().toString().padStart(14, '0');
  const [year, month, day, hour, minute, second] = [digits.slice(0, 4), ...(digits.slice(4).match(/../g) ?? [])];
  return `${year ?? ''}-${month ?? ''}-${day ?? ''} ${hour ?? ''}:${minute ?? ''}:${second ?? ''}`;
}

/** A time as JSON keeps it: one 64-bit number for every kind, with microseconds. */
export function packedTimeText(kind: 'date' | 'time' | 'datetime', packed: bigint): string {
  const magnitude = packed < 0n ? -packed : packed;
  const microseconds = Number(magnitude & 0xffffffn);
  const whole = Number(magnitude >> 24n);
  const fraction = fractionText(microseconds, 6);
  if (kind === 'time') return `${packed < 0n ? '-' : ''}${two((whole >> 12) & 0x3ff)}:${two((whole >> 6) & 63)}:${two(whole & 63)}${fraction}`;
  const [day, time] = [Math.floor(whole / 0x20000), whole % 0x20000];
  const months = Math.floor(day / 32);
  const date = `${four(Math.floor(months / 13))}-${two(months % 13)}-${two(day % 32)}`;
  return kind === 'date' ? date : `${date} ${two(time >> 12)}:${two((time >> 6) & 63)}:${two(time & 63)}${fraction}`;
}

function timestampText(seconds: number): string {
  if (seconds === 0) return '0000-00-00 00:00:00';
  return new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
}
