import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linkProtections, unverified, verifies, type ProtectionReading } from '../../../shared/domain/fleet/link-protection';

const reading = (change: Partial<ProtectionReading> = {}): ProtectionReading => ({ encrypted: true, chosen: 'nothing', ownFile: 'ca.pem', model: null, ...change });
const strict = { tls: true, caFile: '/etc/source-ca.pem', verifyCertificate: true };

describe('how a link is protected', () => {
  it.each<[string, Partial<ProtectionReading>, ReturnType<typeof linkProtections>]>([
    ['in the clear where one offers no TLS', { encrypted: false, chosen: 'identity', model: strict }, [unverified(false)]],
    ['encrypted where nothing is to be verified', {}, [unverified(true)]],
    ['by the chain', { chosen: 'chain' }, [{ tls: true, caFile: 'ca.pem', verifyCertificate: false }, unverified(true)]],
    ['by the name too', { chosen: 'identity' }, [{ tls: true, caFile: 'ca.pem', verifyCertificate: true }, unverified(true)]],
    ['not without a CA file', { chosen: 'identity', ownFile: '' }, [unverified(true)]],
    ['the way back as the link, by the file of either; never less against the choice', { chosen: 'chain', model: strict }, [strict, { ...strict, caFile: 'ca.pem' }]],
    ['the way back without a file of its own', { chosen: 'chain', model: strict, ownFile: '' }, [strict]],
    ['the way back of one that need not be verified', { model: strict }, [strict, { ...strict, caFile: 'ca.pem' }, unverified(true)]],
    ['the way back of a link that proved nothing', { chosen: 'chain', model: unverified(true) }, [{ tls: true, caFile: 'ca.pem', verifyCertificate: false }, unverified(true)]],
  ])('%s', (_says, change, ways) => expect(linkProtections(reading(change))).toEqual(ways));

  it('tries nothing twice, the best first, and verifies to the end where both the choice and the link do', () => {
    const file = fc.constantFrom('', 'ca.pem', '/other.pem');
    const model = fc.option(fc.record({ tls: fc.boolean(), caFile: file, verifyCertificate: fc.boolean() }));
    const readings = fc.record({ encrypted: fc.boolean(), chosen: fc.constantFrom('nothing' as const, 'chain' as const, 'identity' as const), ownFile: file, model });
    fc.assert(fc.property(readings, (read) => {
      const ways = linkProtections(read);
      expect(new Set(ways.map((way) => JSON.stringify(way))).size).toBe(ways.length);
      expect(ways.every(({ tls }) => tls === read.encrypted)).toBe(true);
      const proofs = ways.map(verifies);
      expect([...proofs].sort((a, b) => Number(b) - Number(a))).toEqual(proofs);
      if (read.encrypted && read.chosen !== 'nothing' && read.model !== null && verifies(read.model)) expect(proofs).not.toContain(false);
      if (read.chosen === 'identity') expect(ways.filter(verifies).every(({ verifyCertificate }) => verifyCertificate)).toBe(true);
    }));
  });
});
