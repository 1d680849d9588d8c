import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
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

describe('what was read and is not saved yet', () => {
  beforeEach(() => { vi.useFakeTimers({ now: T0, toFake: ['Date', 'setTimeout', 'clearTimeout', 'performance'] }); });
  afterEach(() => { vi.useRealTimers(); });

  const onDisk = () => new Sightings(folder, Date.now).load().samples;
  const many = (count: number): Sightings => {
    const sightings = new Sightings(folder, Date.now);
    for (let number = 0; number < count; number += 1) sightings.note(idOf(number), sampleAt(number + 1, T0), memoryOf(count));
    return sightings;
  };

  it.each([[3, 15_000], [300, 32_000]])('is on the disk after a while, though no other reading comes: of %i servers', (count, ms) => {
    many(count);
    expect(onDisk().size).toBe(0);
    vi.advanceTimersByTime(ms);
    expect(onDisk().size).toBe(count);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([3, 300])('is on the disk at once where the next reading fails: of %i servers', (count) => {
    const sightings = many(count);
    sightings.noteFailure(idOf(1), null, memoryOf(count));
    expect(onDisk().has(idOf(1))).toBe(true);
    expect(new Sightings(folder, Date.now).load().memory.follows.get(`${idOf(1)}/`)).toEqual({ source: idOf(0), since: T0 });
  });

  it('is written once a second where servers come and go', () => {
    const sightings = many(2);
    sightings.noteFailure(idOf(1), null, noMemory);
    vi.advanceTimersByTime(100);
    sightings.note(idOf(1), sampleAt(2, T0 + 100), noMemory);
    sightings.noteFailure(idOf(1), null, noMemory);
    expect(onDisk().get(idOf(1))?.endedAt).toBe(T0);
    vi.advanceTimersByTime(1_000);
    expect(onDisk().get(idOf(1))?.endedAt).toBe(T0 + 100);
  });

  it.each([3, 300])('is tried again where the disk did not take it: of %i servers', (count) => {
    const sightings = many(count);
    const away = `${folder}-away`;
    renameSync(folder, away);
    writeFileSync(folder, 'no folder');
    sightings.save(memoryOf(count));
    rmSync(folder);
    renameSync(away, folder);
    expect(onDisk().size).toBe(0);
    sightings.save(memoryOf(count));
    expect(onDisk().size).toBe(count);
  });

  it('is gone from a file that another process has made meanwhile', () => {
    const small = new Sightings(folder, Date.now);
    many(300).save(noMemory);
    expect(onDisk().has(idOf(7))).toBe(true);
    small.forget(idOf(7));
    expect(onDisk().has(idOf(7))).toBe(false);
  });

  it('is all saved at the end, and nothing after it', () => {
    const sightings = many(3);
    sightings.close(noMemory);
    expect(onDisk().size).toBe(3);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([3, 300])('keeps since when one of %d servers cannot be read, until it can again', (many) => {
    watch(many, 120);
    let now = T0 + 200_000;
    const sightings = new Sightings(folder, () => now);
    sightings.load();
    const failingOf = (): readonly (readonly [string, number])[] => [...new Sightings(folder, () => now).load().failing];
    const written = vi.spyOn(sightings, 'save');
    // It goes on failing, and a failure of our own says nothing: what is kept is written once.
    for (const [at, since] of [[0, T0 + 200_000], [5_000, T0 + 200_000], [10_000, null]] as const) {
      now = T0 + 200_000 + at;
      sightings.noteFailure(idOf(1), since, noMemory);
    }
    expect(written.mock.calls.length).toBeLessThanOrEqual(1);
    expect(failingOf()).toEqual([[idOf(1), T0 + 200_000]]);
    // One that comes back, is not watched any more or is forgotten fails no more.
    sightings.note(idOf(1), sampleAt(2, now), noMemory);
    sightings.noteFailure(idOf(2), T0 + 211_000, noMemory);
    sightings.save(noMemory);
    expect(failingOf()).toEqual([[idOf(2), T0 + 211_000]]);
    sightings.noteEnd(idOf(2));
    sightings.save(noMemory);
    expect(failingOf()).toEqual([]);
    now += 60_000;
    sightings.noteFailure(idOf(0), now, noMemory);
    sightings.close(noMemory);
    expect(failingOf()).toEqual([[idOf(0), now]]);
    sightings.forget(idOf(0));
    expect(failingOf()).toEqual([]);
  });

  it('takes for back whoever was read after it had failed, by whatever process', () => {
    const one = new Sightings(folder, () => T0);
    one.noteFailure(idOf(1), T0, noMemory);
    one.save(noMemory);
    const other = new Sightings(folder, () => T0 + 1_000);
    other.note(idOf(1), sampleAt(2, T0 + 1_000), noMemory);
    other.save(noMemory);
    expect([...new Sightings(folder, () => T0).load().failing]).toEqual([]);
  });

  it('is read from a file of before, which says nothing of failures', () => {
    watch(3, 20);
    const file = join(folder, 'sightings.json');
    const { failing, ...before } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    expect(failing).toEqual({});
    writeFileSync(file, JSON.stringify(before));
    const { samples, failing: none } = new Sightings(folder, () => T0).load();
    expect([samples.size, none.size]).toEqual([3, 0]);
  });
});
