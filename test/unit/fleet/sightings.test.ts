import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Sightings } from '../../../electron/fleet/sightings';
import { noMemory } from '../../../shared/domain/analysis/analysis';
import type { Sample } from '../../../shared/domain/analysis/input';
import { facts, T0 } from '../../fixtures/facts';

let folder = '';
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'antipode-test-')); });
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const sampleAt = (number: number, at: number): Sample => ({ facts: facts(number, { at }), startedAt: at, endedAt: at });
const idOf = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
const memoryOf = (many: number) => ({
  ...noMemory, follows: new Map(Array.from({ length: many - 1 }, (_, at) => [`${idOf(at + 1)}/`, { source: idOf(at), since: T0 }] as const)),
});

/** Readings of so many servers every five seconds, for so long; returns what was ever kept. */
function watch(many: number, seconds: number): void {
  let now = T0;
  const sightings = new Sightings(folder, () => now);
  const memory = memoryOf(many);
  for (; now < T0 + seconds * 1_000; now += 5_000) {
    for (let number = 0; number < many; number += 1) sightings.note(idOf(number), sampleAt(number + 1, now), memory);
  }
}

describe('what was last seen', () => {
  it('of a small fleet is in one file, at most every quarter of a minute', () => {
    watch(5, 20);
    expect(existsSync(join(folder, 'sightings-1.json'))).toBe(false);
    const { samples, memory } = new Sightings(folder, () => T0).load();
    expect(samples.size).toBe(5);
    expect(samples.get(idOf(0))?.endedAt).toBe(T0 + 15_000);
    expect(memory.follows.size).toBe(4);
  });

  it('of a large fleet is in several files, each of them small, and none is older than a minute', () => {
    watch(800, 120);
    const { samples, memory } = new Sightings(folder, () => T0).load();
    expect(samples.size).toBe(800);
    expect(memory.follows.size).toBe(799);
    expect(Math.min(...[...samples.values()].map(({ endedAt }) => endedAt))).toBeGreaterThanOrEqual(T0 + 60_000);
    const inFirst = Object.keys((JSON.parse(readFileSync(join(folder, 'sightings-1.json'), 'utf8')) as { instances: object }).instances).length;
    expect(inFirst).toBeLessThan(200);
  });

  it('is the newest, whichever file it is in, and nothing of what is forgotten', () => {
    watch(120, 60);
    // What was written while the fleet was small stands in its file still.
    const small = new Sightings(folder, () => T0 + 90_000);
    for (const number of [0, 1]) small.note(idOf(number), sampleAt(number + 1, T0 + 90_000 + number), noMemory);
    small.save(noMemory);
    small.forget(idOf(1));
    const { samples } = new Sightings(folder, () => T0).load();
    expect(samples.size).toBe(119);
    expect(samples.get(idOf(0))?.endedAt).toBe(T0 + 90_000);
    expect(samples.has(idOf(1))).toBe(false);
  });

  it('is all on the disk at the end', () => {
    const sightings = new Sightings(folder, () => T0);
    for (let number = 0; number < 300; number += 1) sightings.note(idOf(number), sampleAt(number + 1, T0), noMemory);
    expect(new Sightings(folder, () => T0).load().samples.size).toBe(0);
    sightings.save(noMemory);
    expect(new Sightings(folder, () => T0).load().samples.size).toBe(300);
  });
});
