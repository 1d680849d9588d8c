/**
 * A new reading put together from the parts of the one before wherever they are equal: between two readings of a server little changes, and of a
 * thousand servers the copies would fill the memory until they are collected. Changes `now` itself, in nothing that can be told.
 */
export function withKeptParts<Value>(before: Value | null, now: Value): Value {
  return before === null ? now : (kept(before, now) as Value);
}

/** The one of before where both are equal; else the new one, of such parts. Plain data only. */
function kept(before: unknown, now: unknown): unknown {
  if (Object.is(before, now)) return before;
  if (Array.isArray(before) && Array.isArray(now)) return keptItems(before, now);
  return isPlain(before) && isPlain(now) ? keptFields(before, now) : now;
}

function keptItems(before: readonly unknown[], now: unknown[]): unknown {
  let isEqual = before.length === now.length;
  for (let at = 0; at < now.length; at += 1) {
    now[at] = kept(before[at], now[at]);
    isEqual &&= Object.is(now[at], before[at]);
  }
  return isEqual ? before : now;
}

function keptFields(before: Record<string, unknown>, now: Record<string, unknown>): unknown {
  const names = Object.keys(now);
  let isEqual = names.length === Object.keys(before).length;
  for (const name of names) {
    const [old, read] = [before[name], now[name]];
    const one = kept(old, read);
    if (one !== read || typeof one === 'string') now[name] = one;
    isEqual &&= Object.is(one, old) && Object.hasOwn(before, name);
  }
  return isEqual ? before : now;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
