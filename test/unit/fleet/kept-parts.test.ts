import fc from 'fast-check';
import { expect, it } from 'vitest';
import { withKeptParts } from '../../../electron/fleet/kept-parts';
import { facts } from '../../fixtures/facts';

const copy = <Value>(value: Value): Value => structuredClone(value);

it('is what was read, whatever was read before', () => {
  fc.assert(fc.property(fc.jsonValue(), fc.jsonValue(), (before, now) => {
    const asRead = copy(now);
    expect(withKeptParts(before, now)).toEqual(asRead);
  }));
});

it('leaves the reading before as it is', () => {
  fc.assert(fc.property(fc.jsonValue(), fc.jsonValue(), (before, now) => {
    const asItWas = copy(before);
    withKeptParts(before, now);
    expect(before).toEqual(asItWas);
  }));
});

it('holds nothing twice that did not change', () => {
  const before = facts(1);
  const now = { ...copy(before), sampledAt: before.sampledAt + 5_000 };
  const found = withKeptParts(before, now);
  expect(found).not.toBe(before);
  expect(found.sampledAt).toBe(before.sampledAt + 5_000);
  expect(found.server).toBe(before.server);
  expect(found.channels).toBe(before.channels);
  expect(withKeptParts(before, copy(before))).toBe(before);
  expect(withKeptParts(null, now)).toBe(now);
});

it('takes what only looks equal for what it is', () => {
  expect(withKeptParts<object>({ a: undefined }, { b: undefined })).toStrictEqual({ b: undefined });
  expect(withKeptParts<object>({ a: [1, 2] }, { a: [1] })).toEqual({ a: [1] });
  expect(withKeptParts<object>({ a: { b: 1 } }, { a: [1] })).toEqual({ a: [1] });
});
