// What is printed at the end of a run. Text only: no colours, and every number stands for something that ran.
import { cellKey, emptyCells, matrixLines } from './matrix.mjs';
import { leftLines } from './waves.mjs';

/**
 * @typedef {object} TestFile
 * @property {string} file
 * @property {string} part
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {number} seconds
 *
 * @typedef {object} Failure
 * @property {string} title
 * @property {string} text everything that is known about it
 * @property {string} [alone] the command that runs it alone
 *
 * @typedef {object} Cell
 * @property {string} suite
 * @property {string} series
 * @property {number} passed
 * @property {number} failed
 *
 * @typedef {object} RunReport what one run of vitest found
 * @property {TestFile[]} files
 * @property {Record<string, number>} seconds by part
 * @property {Cell[]} cells
 * @property {import('./matrix.mjs').MatrixFacts} matrix
 * @property {Failure[]} failures
 * @property {{ title: string, text: string }[]} measured figures that tests noted
 * @property {string[]} left titles of groups that were not begun, as the time was up
 */

/**
 * @param {number} seconds
 * @returns {string}
 */
export function readableTime(seconds) {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return whole < 120 ? `${whole} s` : `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}

/** @param {number} count @param {string} noun */
export const counted = (count, noun) => `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;

/**
 * The line of a test file that has run.
 * @param {TestFile} file
 * @param {number} [width] of the column with the names
 * @returns {string}
 */
export function fileLine({ file, passed, failed, skipped, seconds }, width = 62) {
  const ran = passed + failed;
  const tests = failed > 0 ? `${failed} of ${ran} FAILED` : counted(passed, 'test');
  const left = skipped > 0 ? ` (${skipped} skipped)` : '';
  return `${failed > 0 ? '✗' : ran === 0 ? '-' : '✓'} ${file.padEnd(width)} ${`${tests}${left}`.padStart(16)}  ${readableTime(seconds).padStart(12)}`;
}

/** @param {string} text @param {string} by */
const indented = (text, by = '    ') => text.trimEnd().split('\n').map((line) => (line === '' ? '' : `${by}${line}`)).join('\n');

/**
 * @param {readonly Failure[]} failures
 * @returns {string[]}
 */
export function failureLines(failures) {
  return failures.flatMap(({ title, text, alone }, at) => [
    '',
    `FAILED ${at + 1} of ${failures.length}: ${title}`,
    ...(text.trim() === '' ? [] : [indented(text)]),
    ...(alone === undefined ? [] : [`    alone: ${alone}`]),
  ]);
}

/**
 * @param {readonly { name: string, seconds: number }[]} parts
 * @param {readonly TestFile[]} files
 */
function timeLines(parts, files) {
  return parts.map(({ name, seconds }) => {
    const own = files.filter(({ part }) => part === name);
    const tests = own.reduce((sum, { passed, failed }) => sum + passed + failed, 0);
    const what = own.length === 0 ? '' : `  ${counted(tests, 'test')} in ${counted(own.length, 'file')}`;
    return `  ${name.padEnd(12)} ${readableTime(seconds).padStart(12)}${what}`;
  });
}

/** @param {readonly TestFile[]} files */
function slowestLines(files) {
  return [...files].sort((a, b) => b.seconds - a.seconds).slice(0, 10).map(({ file, seconds }) => `  ${readableTime(seconds).padStart(12)}  ${file}`);
}

/**
 * @param {readonly Cell[]} cells
 * @returns {Map<string, { passed: number, failed: number }>}
 */
function addUp(cells) {
  const sums = new Map();
  for (const { suite, series, passed, failed } of cells) {
    const key = cellKey(suite, series);
    const before = sums.get(key) ?? { passed: 0, failed: 0 };
    sums.set(key, { passed: before.passed + passed, failed: before.failed + failed });
  }
  return sums;
}

/**
 * A file that ran for one series after another is one file.
 * @param {readonly TestFile[]} files
 * @returns {TestFile[]}
 */
function together(files) {
  /** @type {Map<string, TestFile>} */
  const found = new Map();
  for (const file of files) {
    const before = found.get(file.file);
    const sum = (/** @type {'passed' | 'failed' | 'skipped' | 'seconds'} */ what) => (before?.[what] ?? 0) + file[what];
    found.set(file.file, { ...file, passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped'), seconds: sum('seconds') });
  }
  return [...found.values()];
}

/**
 * A part of the tests shows the suites it has.
 * @param {import('./matrix.mjs').MatrixFacts['suites']} suites
 * @param {ReadonlyMap<string, unknown>} cells
 */
function onlyThoseThatRan(suites, cells) {
  return Object.fromEntries(Object.entries(suites).filter(([suite, meant]) => meant.some((series) => cells.has(cellKey(suite, series)))));
}

/**
 * The cells of the waves that were not begun, and of the groups in one that was.
 * @param {import('./matrix.mjs').MatrixFacts} matrix
 * @param {readonly RunReport[]} reports
 * @param {readonly string[]} notBegun
 */
function leftCells({ suites, missing }, reports, notBegun) {
  const skipped = new Set(reports.flatMap((report) => report.left));
  const patterns = notBegun.map((pattern) => new RegExp(pattern));
  const isHere = (/** @type {string} */ series) => series.split('→').every((one) => !missing.includes(one));
  return Object.entries(suites).flatMap(([suite, meant]) => meant.filter(isHere).map((series) => cellKey(suite, series)))
    .filter((cell) => skipped.has(cell) || patterns.some((pattern) => pattern.test(`${cell} `)));
}

/** @param {string} heading @param {string[]} lines */
const section = (heading, lines) => (lines.length === 0 ? [] : ['', heading, ...lines]);

/**
 * Everything from the times to the last line.
 * @param {object} run
 * @param {readonly { name: string, seconds: number }[]} run.parts
 * @param {readonly RunReport[]} run.reports
 * @param {number} run.checksPassed
 * @param {readonly Failure[]} run.failures of checks, set-up and the runner itself
 * @param {readonly { step: string, why: string }[]} run.unavailable servers that are not to be had here
 * @param {boolean} run.whole everything ran: then a cell of the matrix without a test is a failure
 * @param {number | null} run.seed of the order, where it was shuffled
 * @param {{ minutes: number, notBegun: readonly string[] } | null} run.time where it was up: the patterns of the waves that were not begun
 * @returns {{ lines: string[], failed: number }}
 */
export function summary({ parts, reports, checksPassed, failures, unavailable, whole, seed, time }) {
  const files = together(reports.flatMap((report) => report.files));
  const sum = (/** @type {'passed' | 'skipped'} */ what) => files.reduce((total, file) => total + file[what], 0);
  const matrix = reports.at(-1)?.matrix;
  const cells = addUp(reports.flatMap((report) => report.cells));
  const hasServers = files.some(({ part }) => !['unit', 'contract'].includes(part));
  const without = whole && matrix !== undefined && hasServers ? emptyCells(matrix, cells) : [];
  const left = matrix === undefined || time === null ? [] : leftCells(matrix, reports, time.notBegun);
  const empty = without.filter((cell) => !left.includes(cell));
  const emptiness = {
    title: `${counted(empty.length, 'cell')} of the matrix without a test`,
    text: [...empty, 'They are in the table of test/fixtures/matrix.ts, their servers are here, and no test of them ran.'].join('\n'),
  };
  const all = [
    ...failures,
    ...reports.flatMap((report) => report.failures),
    ...(empty.length > 0 ? [emptiness] : []),
  ];
  const table = matrix !== undefined && hasServers ? matrixLines(whole ? matrix : { ...matrix, suites: onlyThoseThatRan(matrix.suites, cells) }, cells) : [];
  const measured = reports.flatMap((report) => report.measured).map(({ title, text }) => `  ${title}\n${indented(text)}`);
  const lines = [
    ...section('Time', timeLines(parts, files)),
    ...section('The slowest files', slowestLines(files)),
    ...section('Measured', measured),
    ...section('Tests passed on each series (– not in the matrix of this run)', table.map((line) => `  ${line}`)),
    ...unavailable.flatMap(({ step, why }) => [
      '', `Not run: nothing was tested on ${step}, its server is not to be had here (${why.replaceAll(/\s+/g, ' ')})`,
    ]),
    ...section(`Not run, or in part: the ${time?.minutes} minutes were up. Left out are ${counted(left.length, 'cell')} of the matrix`, leftLines(left)),
    ...failureLines(all),
    ...(seed === null ? [] : ['', `In the order of seed ${seed}: npm test -- --shuffle ${seed}`]),
    // Once more by name: a log that is cut short keeps its end.
    ...(all.length > 1 ? section('Failed', all.map(({ title }) => `  ${title}`)) : []),
    ...(sum('skipped') > 0 ? ['', `${sum('skipped').toLocaleString('en')} skipped`] : []),
    '',
    `${checksPassed + sum('passed')} passed, ${all.length} failed`,
  ];
  return { lines, failed: all.length };
}
