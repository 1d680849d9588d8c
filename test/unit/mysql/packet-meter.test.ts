import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BrokenProtocol, loginBytes, PacketMeter } from '../../../electron/mysql/session/packet-meter';
import { packet } from '../../fixtures/greeting';

const header = (length: number, sequence = 0): Buffer => Buffer.from([length & 0xff, (length >> 8) & 0xff, length >> 16, sequence]);

describe('what a server may send', () => {
  it('is its login and no more before it is accepted', () => {
    const meter = new PacketMeter();
    const piece = packet(0, Buffer.alloc(64 * 1024 - 4));
    for (let sent = 0; sent < loginBytes; sent += piece.length) meter.take(piece);
    expect(() => meter.take(Buffer.from([1]))).toThrow(BrokenProtocol);
  });

  it('is not what a header claims', () => {
    const meter = new PacketMeter();
    expect(() => meter.take(header(0xffffff))).toThrow(BrokenProtocol);
  });

  it('has packets of several frames, which have a limit together', () => {
    const meter = new PacketMeter(40 * 1024 * 1024);
    meter.expect('answer');
    const frame = Buffer.concat([header(0xffffff), Buffer.alloc(0xffffff)]);
    meter.take(frame);
    meter.take(frame);
    expect(() => meter.take(header(0xffffff))).toThrow(/a packet of more than/);
  });

  it('is an answer up to its bytes, and rows without end', () => {
    const meter = new PacketMeter(100);
    meter.expect('answer');
    expect(() => meter.take(packet(0, Buffer.alloc(97)))).toThrow(BrokenProtocol);
    const rows = new PacketMeter();
    rows.expect('rows');
    for (let row = 0; row < 3_000; row += 1) rows.take(packet(row & 0xff, Buffer.alloc(1_000)));
  });

  it('is the same in whatever pieces it comes', () => {
    const packets = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 });
    fc.assert(fc.property(packets, fc.array(fc.nat(500), { maxLength: 40 }), fc.integer({ min: 1, max: 4_000 }), (bodies, cuts, limit) => {
      const bytes = Buffer.concat(bodies.map((body, index) => packet(index, Buffer.from(body))));
      const isTaken = (pieces: readonly Buffer[]): boolean => {
        const meter = new PacketMeter(limit);
        meter.expect('answer');
        try {
          for (const piece of pieces) meter.take(piece);
          return true;
        } catch (thrown) {
          if (thrown instanceof BrokenProtocol) return false;
          throw thrown;
        }
      };
      const pieces: Buffer[] = [];
      let rest = bytes;
      for (const cut of cuts) {
        pieces.push(rest.subarray(0, cut));
        rest = rest.subarray(cut);
      }
      expect(isTaken([...pieces, rest])).toBe(isTaken([bytes]));
      expect(isTaken([bytes])).toBe(bytes.length <= limit);
    }));
  });
});
