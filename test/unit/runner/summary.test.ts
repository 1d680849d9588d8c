import { describe, expect, it } from 'vitest';
import { cellKey, emptyCells, matrixLines, readTitle, type MatrixFacts } from '../../../scripts/lib/test/matrix.mjs';
import { failureLines, fileLine, readableTime, summary, type RunReport, type TestFile } from '../../../scripts/lib/test/summary.mjs';

const facts: MatrixFacts = {
  suites: { servers: ['9.7', '8.4', '5.6'], promotion: ['9.7', '5.6'], upgrade: ['5.6→9.7', '8.4→9.7'] },
  series: ['9.7', '8.4', '5.6'],
  missing: ['8.4'],
};

const counted = (...cells: readonly (readonly [string, string, number, number])[]): Map<string, { passed: number; failed: number }> =>
  new Map(cells.map(([suite, series, passed, failed]) => [cellKey(suite, series), { passed, failed }]));

describe('the matrix of suites and series', () => {
  it('reads suite and series from a title, and from nothing else', () => {
    expect(readTitle('planned switchover · MySQL 5.7')).toEqual({ suite: 'planned switchover', series: '5.7' });
    expect(readTitle('upgrade · MySQL 5.6→9.7')).toEqual({ suite: 'upgrade', series: '5.6→9.7' });
    expect(readTitle('the main job on MySQL 9.7')).toBeUndefined();
    expect(readTitle(' · MySQL 9.7')).toBeUndefined();
  });

  it('shows what passed, and never a number alone where nothing did', () => {
    const found = counted(['servers', '9.7', 12, 0], ['servers', '5.6', 3, 2], ['promotion', '9.7', 0, 1], ['upgrade', '5.6→9.7', 4, 0]);
    expect(matrixLines(facts, found)).toEqual([
      'suite              9.7       8.4          5.6',
      'promotion  1 FAILED, 0         –      not run',
      'servers             12  not here  2 FAILED, 3',
      'upgrade 5.6→9.7  4',
      'upgrade 8.4→9.7  not here',
    ]);
  });

  it('shows a suite that the table does not have, where it ran', () => {
    expect(matrixLines({ ...facts, suites: {} }, counted(['extra', '5.6', 1, 0]))).toEqual(['suite  9.7  8.4  5.6', 'extra    –    –    1']);
    expect(matrixLines({ ...facts, suites: {} }, new Map())).toEqual([]);
  });

  it('names the cells in which something should have run', () => {
    expect(emptyCells(facts, counted(['servers', '9.7', 1, 0], ['promotion', '5.6', 0, 1]))).toEqual([
      'servers · MySQL 5.6', 'promotion · MySQL 9.7', 'upgrade · MySQL 5.6→9.7',
    ]);
  });
});

function file(name: string, part: string, seconds: number, more: Partial<TestFile> = {}): TestFile {
  return { file: name, part, passed: 3, failed: 0, skipped: 0, seconds, ...more };
}

function report(more: Partial<RunReport> = {}): RunReport {
  return { files: [], seconds: {}, cells: [], matrix: facts, failures: [], measured: [], left: [], ...more };
}

const print = (reports: RunReport[], more: Partial<Parameters<typeof summary>[0]> = {}): ReturnType<typeof summary> =>
  summary({ parts: [], reports, checksPassed: 0, failures: [], unavailable: [], whole: false, seed: null, time: null, ...more });

describe('the summary of a run', () => {
  it.each([
    [0.04, '0.0 s'], [9.94, '9.9 s'], [9.96, '10 s'], [119.4, '119 s'], [119.6, '2 min 00 s'], [771.45, '12 min 51 s'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(readableTime(seconds)).toBe(text);
  });

  it('has one line for a file', () => {
    expect(fileLine(file('a.test.ts', 'unit', 1.26), 10)).toBe('✓ a.test.ts           3 tests         1.3 s');
    expect(fileLine(file('a.test.ts', 'unit', 1.26, { passed: 1, failed: 2 }), 10)).toBe('✗ a.test.ts     2 of 3 FAILED         1.3 s');
    expect(fileLine(file('a.test.ts', 'unit', 1, { passed: 0, skipped: 4 }), 10)).toContain('- a.test.ts');
  });

  it('ends with the numbers: checks and tests passed, everything that failed', () => {
    const found = report({ files: [file('a', 'unit', 1), file('b', 'unit', 1, { failed: 1 })], failures: [{ title: 'b › x', text: 'no' }] });
    const { lines, failed } = print([found], { checksPassed: 1, failures: [{ title: 'lint', text: 'an error' }] });
    expect(lines.at(-1)).toBe('7 passed, 2 failed');
    expect(lines.slice(lines.indexOf('Failed'), -2)).toEqual(['Failed', expect.stringMatching(/^ {2}\S/), expect.stringMatching(/^ {2}\S/)]);
    expect(failed).toBe(2);
  });

  it('gives times by part and the ten slowest files', () => {
    const files = Array.from({ length: 12 }, (_, n) => file(`f${n}`, 'unit', n));
    const { lines } = print([report({ files })], { parts: [{ name: 'lint', seconds: 4 }, { name: 'unit', seconds: 130 }] });
    expect(lines).toEqual(expect.arrayContaining(['  lint                4.0 s', '  unit           2 min 10 s  36 tests in 12 files']));
    const slowest = lines.slice(lines.indexOf('The slowest files') + 1, lines.indexOf('The slowest files') + 11);
    expect(slowest[0]).toMatch(/11 s {2}f11$/);
    expect(slowest.at(-1)).toMatch(/2\.0 s {2}f2$/);
    expect(lines.join('\n')).not.toContain(' f1\n');
  });

  it('puts the matrix before the servers that are missing, and those before the failures', () => {
    const found = report({ files: [file('a', 'integration', 1)], failures: [{ title: 'it', text: 'no', alone: 'npm test -- a' }] });
    const { lines } = print([{ ...found, cells: [{ suite: 'servers', series: '9.7', passed: 2, failed: 0 }] }], {
      unavailable: [{ step: 'mysql-8.4', why: 'no\narchive' }],
    });
    const at = (text: string): number => lines.findIndex((line) => line.startsWith(text));
    expect(at('Tests passed on each series')).toBeGreaterThan(at('The slowest files'));
    expect(at('Not run: nothing was tested on mysql-8.4, its server is not to be had here (no archive)')).toBeGreaterThan(at('Tests passed'));
    expect(at('FAILED 1 of 1: it')).toBeGreaterThan(at('Not run'));
    expect(at('    alone: npm test -- a')).toBe(at('FAILED 1 of 1') + 2);
    expect(at('3 passed, 1 failed')).toBe(lines.length - 1);
  });

  it('adds up a cell over several files', () => {
    const cells = [{ suite: 'servers', series: '9.7', passed: 2, failed: 0 }];
    const { lines } = print([report({ files: [file('a', 'integration', 1)], cells }), report({ files: [file('b', 'e2e', 1)], cells })]);
    expect(lines.find((line) => line.startsWith('  servers'))).toMatch(/ 4 /);
  });

  it('in a run of everything, a cell that should have run and did not is a failure', () => {
    const reports = [report({ files: [file('a', 'integration', 1)], cells: [{ suite: 'servers', series: '9.7', passed: 2, failed: 0 }] })];
    expect(print(reports).failed).toBe(0);
    const { failed, lines } = print(reports, { whole: true });
    expect(failed).toBe(1);
    expect(lines).toEqual(expect.arrayContaining([
      'FAILED 1 of 1: 4 cells of the matrix without a test', expect.stringContaining('    servers · MySQL 5.6\n'),
    ]));
  });

  it('where its time was up, what was not begun is named and no failure; anything else is one all the same', () => {
    const found = report({
      files: [file('a', 'integration', 1)], cells: [{ suite: 'servers', series: '9.7', passed: 2, failed: 0 }, { suite: 'servers', series: '8.4', passed: 2, failed: 0 }],
      matrix: { ...facts, missing: [] }, left: ['servers · MySQL 8.4'],
    });
    const { failed, lines } = print([found], { whole: true, time: { minutes: 65, notBegun: [' · MySQL (?:[\\d.]+→)?5\\.6(?![.\\d→])'] } });
    expect(failed).toBe(1);
    expect(lines).toEqual(expect.arrayContaining([
      'Not run, or in part: the 65 minutes were up. Left out are 3 cells of the matrix', '  5.6: 2 suites (promotion, servers)', '  8.4: 1 suite (servers)',
      'FAILED 1 of 1: 3 cells of the matrix without a test', expect.stringContaining('    promotion · MySQL 9.7\n'),
    ]));
  });

  it('a file that ran for one series after another is one file', () => {
    const { lines } = print([report({ files: [file('a', 'faults', 1)] }), report({ files: [file('a', 'faults', 2, { failed: 1 })] })], { parts: [{ name: 'faults', seconds: 3 }] });
    expect(lines).toEqual(expect.arrayContaining(['  faults              3.0 s  7 tests in 1 file', expect.stringMatching(/3\.0 s {2}a$/), '6 passed, 0 failed']));
  });

  it('shows of the matrix what a part of the tests has', () => {
    const found = report({ files: [file('a', 'integration', 1)], cells: [{ suite: 'servers', series: '9.7', passed: 2, failed: 0 }] });
    const names = (whole: boolean): number => print([found], { whole }).lines.filter((line) => /^ {2}(servers|promotion|upgrade) /.test(line)).length;
    expect(names(false)).toBe(1);
    expect(names(true)).toBe(4);
  });

  it('shows no matrix where no server was asked for', () => {
    expect(print([report({ files: [file('a', 'unit', 1)] })], { whole: true }).lines.join('\n')).not.toContain('series');
  });

  it('shows a failure whole, and what tests measured', () => {
    expect(failureLines([{ title: 'a', text: 'one\n\n  two\n' }])).toEqual(['', 'FAILED 1 of 1: a', '    one\n\n      two']);
    expect(print([report({ measured: [{ title: 'a › b', text: '12 ms' }] })]).lines.join('\n')).toContain('Measured\n  a › b\n    12 ms');
  });

  it('tells the seed of the order', () => {
    expect(print([], { seed: 5 }).lines).toContain('In the order of seed 5: npm test -- --shuffle 5');
  });
});
