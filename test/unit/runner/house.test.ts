import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { functionsOf } from '../../../scripts/lib/house/functions.mjs';
import { house } from '../../../scripts/lib/house/house.mjs';
import { houseText, type Measures } from '../../../scripts/lib/house/print.mjs';
import { roomOf, surveyRooms, type Cruised } from '../../../scripts/lib/house/rooms.mjs';

const cruised = (imports: Record<string, readonly string[]>, violations: Cruised['summary']['violations'] = []): Cruised => ({
  modules: Object.entries(imports).map(([source, resolved]) => ({ source, dependencies: resolved.map((one) => ({ resolved: one })) })),
  summary: { violations },
});

describe('the rooms', () => {
  it.each([
    ['electron/engine.ts', 'electron'],
    ['electron/sync/service.ts', 'electron/sync'],
    ['electron/sync/run/steps.ts', 'electron/sync'],
    ['shared/domain/settings.ts', 'shared/domain'],
    ['shared/domain/gtid/set.ts', 'shared/domain/gtid'],
    ['shared/i18n/en/sync.ts', 'shared/i18n'],
    ['renderer/features/fleet/overview/Table.tsx', 'renderer/features/fleet'],
    ['renderer/ui/Age.tsx', 'renderer/ui'],
  ])('%s is in %s', (file, room) => {
    expect(roomOf(file)).toBe(room);
  });

  const lines = new Map([
    ['electron/sync/service.ts', 30], ['electron/sync/run/steps.ts', 50], ['electron/sync/run/retry.ts', 5], ['electron/mysql/session.ts', 60], ['electron/engine.ts', 9],
  ]);
  const imports = {
    'electron/engine.ts': ['electron/sync/service.ts', 'electron/mysql/session.ts', 'node_modules/valibot/index.js'],
    'electron/sync/service.ts': ['electron/sync/run/steps.ts', 'electron/mysql/session.ts'],
    'electron/sync/run/steps.ts': ['electron/mysql/session.ts', 'electron/sync/run/retry.ts'],
    'node_modules/valibot/index.js': ['electron/engine.ts'],
  };

  it('are counted with the folders in them, the widest first', () => {
    expect(surveyRooms(cruised(imports), lines).rooms).toEqual([
      { name: 'electron/sync', files: 3, lines: 85, inner: [{ name: 'run', files: 2, lines: 55 }, { name: '', files: 1, lines: 30 }] },
      { name: 'electron/mysql', files: 1, lines: 60, inner: [] },
      { name: 'electron', files: 1, lines: 9, inner: [] },
    ]);
  });

  it('need each other by imports; those of libraries and within a folder are none of theirs', () => {
    const { arrows, innerArrows } = surveyRooms(cruised(imports), lines);
    expect(arrows).toEqual([
      { from: 'electron', to: 'electron/mysql', imports: 1 },
      { from: 'electron', to: 'electron/sync', imports: 1 },
      { from: 'electron/sync', to: 'electron/mysql', imports: 2 },
    ]);
    expect(innerArrows).toEqual([{ from: 'electron/sync', to: 'electron/sync/run', imports: 1 }]);
  });

  it('a breach names its files, a circle all of them', () => {
    const violations = [
      { rule: { name: 'no-cycles', severity: 'error' }, from: 'a.ts', to: 'b.ts', cycle: [{ name: 'b.ts' }, { name: 'a.ts' }] },
      { rule: { name: 'shared-is-alone', severity: 'error' }, from: 'shared/a.ts', to: 'electron/b.ts' },
    ];
    expect(surveyRooms(cruised({}, violations), new Map()).breaches).toEqual([
      { rule: 'no-cycles', path: ['a.ts', 'b.ts', 'a.ts'] },
      { rule: 'shared-is-alone', path: ['shared/a.ts', 'electron/b.ts'] },
    ]);
  });
});

it('functions are measured from their first line to their last, whatever kind they are of', () => {
  const text = [
    'export function outer() {', '  const inner = () => {', '', '    // why', '  };', '  return [1].map((one) =>', '    one);', '}', 'class Room {', '  constructor() {}', '  enter() {', '  }', '}',
    'declare function nowhere(): void;',
  ].join('\n');
  expect(functionsOf('a.ts', text).map(({ name, line, lines }) => [name, line, lines])).toEqual([
    ['outer', 1, 8], ['inner', 2, 4], ['[1].map(…)', 6, 2], ['Room.constructor', 10, 1], ['enter', 11, 2],
  ]);
});

describe('what is printed', () => {
  const measures: Measures = { largestFiles: [{ file: 'electron/a.ts', lines: 399 }], longestFunctions: [{ file: 'electron/a.ts', name: 'run', line: 7, lines: 81 }], functionLimit: 80, functionsOverLimit: 1 };

  it('is aligned, with both ways of an arrow marked and long lists on several lines', () => {
    const arrows = [
      { from: 'electron/sync', to: 'electron/copy', imports: 3 },
      ...Array.from({ length: 12 }, (_, at) => ({ from: 'electron/sync', to: `shared/domain/a-room-${at}`, imports: 1 })),
      { from: 'electron/copy', to: 'electron/sync', imports: 1 },
    ];
    const rooms = [{ name: 'electron/sync', files: 2, lines: 1200, inner: [{ name: 'run', files: 1, lines: 1000 }, { name: '', files: 1, lines: 200 }] }, { name: 'electron/copy', files: 1, lines: 90, inner: [] }];
    const text = houseText({ rooms, arrows, innerArrows: [{ from: 'electron/sync', to: 'electron/sync/run', imports: 4 }, { from: 'electron/sync/run', to: 'electron/sync', imports: 1 }], breaches: [] }, measures);
    const said = text.split('\n');
    expect(said.slice(0, 8)).toEqual([
      'room           files  lines',
      'electron/sync      2  1,200',
      '  run              1  1,000',
      '  .                1    200',
      'electron/copy      1     90',
      '',
      'all                3  1,290',
      '',
    ]);
    expect(said).toContain('  electron/copy → electron/sync 1 ⇄');
    expect(said).toContain('  electron/sync     → run 4 ⇄');
    expect(said).toContain('  electron/sync/run → . 1 ⇄');
    expect(said).toContain('longest functions (1 of more than 80 lines)');
    expect(Math.max(...said.map((line) => line.length))).toBeLessThanOrEqual(150);
    expect(said.find((line) => line.includes('a-room-11'))).toMatch(/^ {18}shared/);
    expect(text).toContain('\nno breach\n');
  });

  it('tells every breach', () => {
    const text = houseText({ rooms: [], arrows: [], innerArrows: [], breaches: [{ rule: 'no-cycles', path: ['a.ts', 'b.ts', 'a.ts'] }] }, measures);
    expect(text).toContain('1 BREACH\n  no-cycles: a.ts → b.ts → a.ts\n');
  });
});

describe('npm run house', () => {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });

  const checkoutOf = (files: Record<string, string>): string => {
    const checkout = mkdtempSync(join(tmpdir(), 'antipode-house-'));
    folders.push(checkout);
    const config = `module.exports = {
      forbidden: [{ name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } }],
      options: { tsPreCompilationDeps: true, tsConfig: { fileName: 'tsconfig.json' } },
    };`;
    for (const [file, text] of Object.entries({ 'dependency-cruiser.config.cjs': config, 'tsconfig.json': '{}', 'renderer/main.ts': '', 'shared/a.ts': '', ...files })) {
      mkdirSync(dirname(join(checkout, file)), { recursive: true });
      writeFileSync(join(checkout, file), text);
    }
    return checkout;
  };

  it('ends with 0 on a house without a breach, and its rooms as data where they are asked for', async () => {
    const checkout = checkoutOf({ 'electron/mysql/session.ts': "import '../../shared/a';\n" });
    const said: string[] = [];
    expect(await house(['--json'], checkout, (text) => said.push(text))).toBe(0);
    expect(JSON.parse(said.join(''))).toMatchObject({ arrows: [{ from: 'electron/mysql', to: 'shared', imports: 1 }], breaches: [] });
  });

  it('ends with 1 on a circle, of types too', async () => {
    const checkout = checkoutOf({
      'electron/mysql/a.ts': "import type { B } from './b';\nexport interface A { readonly b: B }\n",
      'electron/mysql/b.ts': "import type { A } from './a';\nexport interface B { readonly a: A }\n",
    });
    const said: string[] = [];
    expect(await house([], checkout, (text) => said.push(text))).toBe(1);
    expect(said.join('')).toContain('no-cycles: electron/mysql/a.ts → electron/mysql/b.ts → electron/mysql/a.ts');
  });

  it('refuses arguments that it does not know', async () => {
    await expect(house(['--jsn'], '/nowhere', () => undefined)).rejects.toThrow('--jsn');
  });
});
