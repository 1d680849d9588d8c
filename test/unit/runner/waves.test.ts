import { describe, expect, it } from 'vitest';
import { alwaysWhole, laterSeries, leftLines, wavesOf, wavesOfPart } from '../../../scripts/lib/test/waves.mjs';
import { crossings, matrix } from '../../fixtures/matrix';
import { everySeries } from '../../fixtures/series';

const titles = [
  ...Object.entries(matrix).flatMap(([suite, named]) => named.map((series) => `${suite} · MySQL ${series}`)),
  ...Object.entries(crossings).flatMap(([suite, pairs]) => pairs.map((pair) => `${suite} · MySQL ${pair.join('→')}`)),
];
const onServers = wavesOf(0).filter(({ projects }) => projects.includes('integration'));
const wavesWith = (name: string): string[] => onServers.filter(({ pattern }) => new RegExp(pattern ?? '').test(name)).map((wave) => wave.name);

describe('the waves of a run of everything', () => {
  it('has every series that there is, the newest first', () => {
    expect([...laterSeries, '9.7'].sort()).toEqual([...everySeries].sort());
    for (const suite of alwaysWhole) expect(Object.keys(matrix)).toContain(suite);
  });

  it('has each suite of each series in one of them, and no other', () => {
    expect(titles.filter((title) => wavesWith(`${title} a case`).length !== 1)).toEqual([]);
  });

  it('what has no series, what crosses to the newest, and the main job on all are in the first', () => {
    const first = 'integration, faults: MySQL 9.7';
    for (const name of ['a lonely case', 'one that speaks of MySQL 5.7 in its name', 'sync-crossing · MySQL 8.0→9.7 a case', 'rollback · MySQL 9.7 from 5.7 on', 'terminal-journey · MySQL 5.6 a case']) {
      expect([name, wavesWith(name)]).toEqual([name, [first]]);
    }
    expect(wavesWith('sync-crossing · MySQL 5.7→8.0.15 a case')).toEqual(['integration, faults: MySQL 8.0.15']);
    expect(wavesWith('sync-crossing · MySQL 8.0.15→8.0 a case')).toEqual(['integration, faults: MySQL 8.0']);
  });

  it('each of the others comes first in its turn, behind the newest and the window', () => {
    const names = (day: number): string[] => wavesOf(day).filter(({ isLater }) => isLater).map(({ name }) => name.slice('integration, faults: MySQL '.length));
    expect(laterSeries.map((_, day) => names(20_000 + day)[0]).sort()).toEqual([...laterSeries].sort());
    for (const day of [0, 1, 2, 3, 4]) expect(names(day).sort()).toEqual([...laterSeries].sort());
    expect(wavesOf(3).slice(0, 3).map(({ isLater }) => isLater)).toEqual([false, false, false]);
  });

  it('a part has all of its tests at once', () => {
    expect(wavesOfPart(['lint', 'faults', 'unit'])).toEqual([
      { name: 'unit', projects: ['unit'], pattern: null, isLater: false }, { name: 'faults', projects: ['faults'], pattern: null, isLater: false },
    ]);
  });

  it('what was not reached is told by series', () => {
    expect(leftLines(['b · MySQL 8.0', 'a · MySQL 8.0', 'up · MySQL 5.6→5.7', 'a · MySQL 8.0.15'])).toEqual([
      '  5.6→5.7: 1 suite (up)', '  8.0: 2 suites (a, b)', '  8.0.15: 1 suite (a)',
    ]);
  });
});
