/**
 * Whether two pieces of plain data say the same: what JSON makes of them, without making it. A field that is undefined is one that is not there.
 * Parts that are the same objects are not looked into.
 */
export function sameData(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one) || Array.isArray(other)) return Array.isArray(one) && Array.isArray(other) && sameItems(one, other);
  return sameFields(one, other);
}

function sameItems(one: readonly unknown[], other: readonly unknown[]): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at += 1) if (!sameData(one[at], other[at])) return false;
  return true;
}

function sameFields(one: object, other: object): boolean {
  const [before, now] = [one as Record<string, unknown>, other as Record<string, unknown>];
  for (const name in before) if (!sameData(before[name], now[name])) return false;
  for (const name in now) if (before[name] === undefined && now[name] !== undefined) return false;
  return true;
}
