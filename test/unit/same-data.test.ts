import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sameData } from '../../shared/domain/same-data';

/** JSON in which the fields of an object stand in one order. */
function ordered(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (
    typeof part === 'object' && part !== null && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part
  ));
}

describe('whether two pieces of data are the same', () => {
  const few = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 3 }, fc.constantFrom(0, 1, 'a', '', null, true, {}, []), tie('list'), tie('fields')),
    list: fc.array(tie('value'), { maxLength: 3 }),
    fields: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { maxKeys: 3 }),
  })).value;

  it('is what JSON says of them', () => {
    fc.assert(fc.property(few, few, (one, other) => {
      expect(sameData(one, other)).toBe(ordered(one) === ordered(other));
      expect(sameData(one, structuredClone(one))).toBe(true);
    }), { numRuns: 2_000 });
  });

  it('takes a field that is undefined for one that is not there', () => {
    expect(sameData({ a: 1, b: undefined }, { a: 1 })).toBe(true);
    expect(sameData({ a: 1 }, { a: 1, b: undefined })).toBe(true);
    expect(sameData({ a: undefined }, { a: null })).toBe(false);
    expect(sameData([undefined], [])).toBe(false);
  });
});
