// Lists of instances under names: saved, renamed, removed, and kept with the settings whatever they are called.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSettings } from '../../../electron/storage/settings';
import { settingsChange } from '../../../shared/contract/setting-inputs';
import {
  filterNamed, isSameList, mostSavedFilters, renamedFilter, withFilter, withoutFilter, type FleetList, type SavedFilter,
} from '../../../shared/domain/fleet/saved-filter';

const list: FleetList = { filter: 'problems', regionId: 'sh', search: ' orders ', column: 'lag', down: true, grouping: 'project' };
const named = (names: readonly string[]): readonly SavedFilter[] =>
  names.reduce<readonly SavedFilter[]>((saved, name) => withFilter(saved, name, list) ?? saved, []);

describe('a list under a name', () => {
  it('is found again by it, letter case and blanks aside, and lists the same', () => {
    const saved = named([' Late ones ']);
    expect(saved).toEqual([{ name: 'Late ones', ...list, search: 'orders' }]);
    const one = filterNamed(saved, 'LATE ONES');
    expect(one !== undefined && isSameList(one, list)).toBe(true);
    expect(isSameList(list, { ...list, down: false })).toBe(false);
  });

  it('takes the place of the one that had the name', () => {
    const saved = withFilter(named(['a', 'b', 'c']), 'B', { ...list, filter: 'all' });
    expect(saved?.map(({ name, filter }) => `${name} ${filter}`)).toEqual(['a problems', 'B all', 'c problems']);
  });

  it('is renamed in its place, never onto another one', () => {
    const saved = named(['a', 'b']);
    expect(renamedFilter(saved, 'a', 'B')).toBeNull();
    expect(renamedFilter(saved, 'a', ' A ')?.map(({ name }) => name)).toEqual(['A', 'b']);
    expect(renamedFilter(saved, 'b', 'z')?.map(({ name }) => name)).toEqual(['a', 'z']);
    expect(withoutFilter(saved, 'A').map(({ name }) => name)).toEqual(['b']);
  });

  it('is refused where there are too many, except in the place of another', () => {
    const full = named(Array.from({ length: mostSavedFilters }, (_, n) => `f${n}`));
    expect(withFilter(full, 'one more', list)).toBeNull();
    expect(withFilter(full, 'F7', list)).toHaveLength(mostSavedFilters);
  });

  it('keeps every name once, whatever is done', () => {
    const name = fc.constantFrom('a', 'A', 'b', ' b', '__proto__', 'constructor', '🐬', 'ı');
    const act = fc.record({ kind: fc.constantFrom('save', 'rename', 'remove'), name, to: name });
    fc.assert(fc.property(fc.array(act, { maxLength: 30 }), (acts) => {
      let saved: readonly SavedFilter[] = [];
      for (const one of acts) {
        if (one.kind === 'save') saved = withFilter(saved, one.name, list) ?? saved;
        else if (one.kind === 'rename') saved = renamedFilter(saved, one.name, one.to) ?? saved;
        else saved = withoutFilter(saved, one.name);
        const keys = saved.map((each) => each.name.trim().toLowerCase());
        expect(new Set(keys).size).toBe(keys.length);
        if (one.kind === 'save') expect(filterNamed(saved, one.name)).toBeDefined();
        if (one.kind === 'remove') expect(filterNamed(saved, one.name)).toBeUndefined();
      }
    }));
  });
});

describe('saved filters on the disk', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'antipode-filters-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('are there after a restart, whatever they are called', () => {
    const hostile = ['<img src=x onerror=alert(1)>', '"; DROP TABLE x; --', '../../etc', '__proto__', '=cmd()', 'اسم', '慢的库', '\u202Etxt', '{n, plural, other {#}}'];
    const saved = named(hostile);
    expect(v.parse(settingsChange, { savedFilters: saved })).toEqual({ savedFilters: saved });
    openSettings(folder).set({ savedFilters: saved });
    expect(openSettings(folder).get().savedFilters).toEqual(saved);
  });

  it('that are broken hide no others and no setting', () => {
    openSettings(folder).set({ theme: 'dark', savedFilters: named(['a', 'b']) });
    const path = join(folder, 'settings.json');
    const kept = JSON.parse(readFileSync(path, 'utf8')) as { savedFilters: Record<string, unknown>[] };
    writeFileSync(path, JSON.stringify({ ...kept, savedFilters: [{ ...kept.savedFilters[0], column: 'no such' }, kept.savedFilters[1]] }));
    const settings = openSettings(folder).get();
    expect([settings.theme, settings.savedFilters.map(({ name }) => name)]).toEqual(['dark', ['b']]);
  });

  it('are refused by the contract where they are no lists, or too many', () => {
    const passes = (savedFilters: unknown): boolean => v.safeParse(settingsChange, { savedFilters }).success;
    expect(passes([{ name: 'x', ...list, column: 'owner' }])).toBe(false);
    expect(passes([{ name: 'a\nb', ...list }])).toBe(false);
    expect(passes([{ name: 'x', ...list, search: 'y'.repeat(201) }])).toBe(false);
    expect(passes([{ name: 'x', ...list, more: 1 }])).toBe(false);
    expect(passes(Array.from({ length: mostSavedFilters + 1 }, (_, n) => ({ name: `f${n}`, ...list })))).toBe(false);
  });
});
