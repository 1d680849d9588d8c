import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LineFile, Partitions } from '../../../electron/comparison/logged/spill';

let folder: string;
beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'antipode-spill-')); });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('records shared out among files', () => {
  it('come back by identity, each in its order, few at a time', async () => {
    const texts = fc.oneof(fc.constantFrom('a', 'a\tb', 'a\nb', '"', '日本', ''), fc.string());
    await fc.assert(fc.asyncProperty(fc.array(fc.tuple(texts, fc.jsonValue()), { maxLength: 400 }), async (records) => {
      const files = new Partitions(folder);
      const wanted = new Map<string, unknown[]>();
      for (const [identity, value] of records) {
        files.append(identity, { identity, value });
        wanted.set(identity, [...(wanted.get(identity) ?? []), JSON.parse(JSON.stringify(value))]);
      }
      const found = new Map<string, unknown[]>();
      for await (const some of files.each<{ identity: string; value: unknown }>()) {
        expect(some.length).toBeLessThanOrEqual(100);
        for (const group of some) {
          const identity = group[0]?.identity ?? '';
          expect([found.has(identity), group.every((one) => one.identity === identity)]).toEqual([false, true]);
          found.set(identity, group.map(({ value }) => value));
        }
      }
      files.close();
      expect(found).toEqual(wanted);
    }), { numRuns: 30 });
  });

  it('of many megabytes are read some at a time, and none is torn', async () => {
    const files = new Partitions(folder);
    for (let at = 0; at < 12; at += 1) files.append('one', { at, text: 'é'.repeat(100_000) });
    for (let at = 0; at < 3_000; at += 1) files.append(`row ${at}`, { at, text: 'x'.repeat(3_000) });
    const sizes: number[] = [];
    let records = 0;
    for await (const some of files.each<{ at: number; text: string }>()) {
      sizes.push(some.length);
      records += some.flat().filter(({ text }) => text.length >= 3_000).length;
    }
    files.close();
    expect([records, Math.max(...sizes) <= 100]).toEqual([3_012, true]);
  });
});

describe('a file of lines', () => {
  it('tells where each line begins, whatever its length', () => {
    const file = new LineFile(join(folder, 'lines'));
    const values = [1, 10, 65_000, 65_534, 70_000, 200_000, 3].map((length) => ({ text: 'ü'.repeat(length) }));
    const places = values.map((value) => file.append(value));
    file.flush();
    expect(places.map((at) => file.lineAt(at))).toEqual(values);
    file.close();
  });
});
