import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accountHostProblem, letsIn, loginHosts, longestAccountHost, missingHosts } from '../../../shared/domain/fleet/login-hosts';

describe('The host of an account', () => {
  it.each(['10.2.0.5', '10.2.%', 'db-1.example.com', '%.example.com', 'fe80::1', '10.2.0.0/255.255.0.0', '10.2.3.4/255.255.255.255', '0.0.0.0/0.0.0.0', 'LOCALHOST'])(
    'may be %s', (text) => expect(accountHostProblem(text)).toBeNull(),
  );

  it.each([
    ['', 'empty'], ['a'.repeat(longestAccountHost + 1), 'long'], ["x'y", 'characters'], ['a b', 'characters'], ['主机', 'characters'], ['a\\b', 'characters'],
    ['10.2.0.0/16', 'mask'], ['10.2.0.0/255.0.255.0', 'mask'], ['10.2.0.1/255.255.0.0', 'mask'], ['10.2.0.0/255.255.0.0/1', 'mask'], ['10.256.0.0/255.255.0.0', 'mask'],
    ['host/255.255.0.0', 'mask'],
  ])('may not be %j: %s', (text, problem) => expect(accountHostProblem(text)).toBe(problem));

  it('takes a network exactly where an address of it, masked as a server does, is the network', () => {
    const bytes = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));
    fc.assert(fc.property(bytes, fc.integer({ min: 0, max: 32 }), (parts, length) => {
      const mask = [0, 1, 2, 3].map((at) => 256 - 2 ** (8 - Math.min(8, Math.max(0, length - at * 8))));
      const fits = parts.every((part, at) => (part & (mask[at] ?? 0)) === part);
      expect(accountHostProblem(`${parts.join('.')}/${mask.join('.')}`) === null).toBe(fits);
    }));
  });
});

describe('The hosts of a login', () => {
  it('are those of all that use it, each once, as servers write them', () => {
    expect(loginHosts([{ connectsFrom: '10.2.%' }, { connectsFrom: 'DB.example.com' }, { connectsFrom: '10.2.%' }])).toEqual(['10.2.%', 'db.example.com']);
  });

  it('are any as long as of one of them nobody said where it connects from', () => {
    expect(loginHosts([{ connectsFrom: '10.2.%' }, {}])).toEqual(['%']);
    expect(loginHosts([])).toEqual(['%']);
  });

  it('are added where they are missing, and never beside one that takes any', () => {
    expect(missingHosts(['10.1.0.1'], ['10.1.0.1', '10.2.0.1'])).toEqual(['10.2.0.1']);
    expect(missingHosts(['%'], ['10.2.0.1'])).toEqual([]);
    expect(missingHosts(['10.1.0.1'], ['%'])).toEqual(['%']);
  });

  it('let a server in by its own address only, or by any', () => {
    expect(letsIn(['10.1.0.1'], { connectsFrom: '10.1.0.1' })).toBe(true);
    expect(letsIn(['10.1.0.1'], { connectsFrom: '10.1.0.2' })).toBe(false);
    expect(letsIn(['10.1.0.1'], {})).toBe(false);
    expect(letsIn(['%'], { connectsFrom: '10.1.0.2' })).toBe(true);
  });
});
