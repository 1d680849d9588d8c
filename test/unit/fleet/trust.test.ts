import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tlsModes } from '../../../shared/domain/fleet/instance';
import { checksIdentity, mayGoTo, trustOf, type Trust } from '../../../shared/domain/fleet/trust';

const at = (change: Partial<Trust>): Trust => ({ host: 'db-1', port: 3306, mode: 'verify', ca: 'own CA', ...change });

describe('where a stored password may go', () => {
  it.each([
    ['the same', at({}), at({}), true],
    ['another host', at({}), at({ host: 'evil.example' }), false],
    ['another port', at({}), at({ port: 3307 }), false],
    ['another CA', at({}), at({ ca: 'CA of an attacker' }), false],
    ['the system\'s CAs instead of its own', at({}), at({ ca: null }), false],
    ['its own CA instead of the system\'s', at({ ca: null }), at({}), false],
    ['the name checked as well', at({}), at({ mode: 'verify-identity' }), true],
    ['the name not checked any more', at({ mode: 'verify-identity' }), at({}), false],
    ['the system\'s CAs check the name in either mode', at({ mode: 'verify-identity', ca: null }), at({ ca: null }), true],
    ['nothing proven any more', at({}), at({ mode: 'preferred', ca: null }), false],
    ['in the clear', at({ mode: 'preferred', ca: null }), at({ mode: 'off', ca: null }), false],
    ['from the clear to verified', at({ mode: 'off', ca: null }), at({}), true],
    ['from unproven to any CA', at({ mode: 'preferred', ca: null }), at({ ca: 'any' }), true],
  ] as const)('%s: %s', (_what, stored, wanted, allowed) => {
    expect(mayGoTo(stored, wanted)).toBe(allowed);
  });

  const trust = fc.record({ host: fc.constantFrom('a', 'b'), port: fc.constantFrom(1, 2), mode: fc.constantFrom(...tlsModes), ca: fc.constantFrom(null, 'x', 'y') });

  it('is never a place where less is proven, and a chain of steps allows no more than one step does', () => {
    const rank = (one: Trust): number => (checksIdentity(one) ? 3 : tlsModes.length - 1 - ['verify-identity', 'verify', 'preferred', 'off'].indexOf(one.mode));
    fc.assert(fc.property(trust, trust, trust, (a, b, c) => {
      expect(mayGoTo(a, a)).toBe(true);
      if (mayGoTo(a, b)) expect([b.host, b.port, rank(b) >= rank(a)]).toEqual([a.host, a.port, true]);
      if (mayGoTo(a, b) && mayGoTo(b, c)) expect(mayGoTo(a, c)).toBe(true);
    }));
  });

  it('takes a host in any letter case, and no CA where none is asked', () => {
    expect(trustOf({ admin: { host: ' DB-1 ', port: 3306 }, tls: { mode: 'preferred', ca: 'left over' } })).toEqual({ host: 'db-1', port: 3306, mode: 'preferred', ca: null });
  });
});
