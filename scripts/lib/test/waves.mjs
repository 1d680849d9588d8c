// The order of a run of everything: what matters most first, so that a run whose time is up has left out what matters least.
import { readTitle } from './matrix.mjs';

/** The series of the later waves. The newest, and what has no series, is the first wave. */
export const laterSeries = ['5.7', '8.0', '5.6', '8.0.15'];

/** The main job: on every series in the first wave. */
export const alwaysWhole = ['terminal-journey'];

/** @param {string} text */
const literally = (text) => text.replaceAll('.', String.raw`\.`);

/** The title of a group of one of these series, or of what comes from another one to it: ` · MySQL 5.7`, ` · MySQL 5.6→5.7`. */
const titleOf = (/** @type {readonly string[]} */ series) => String.raw` · MySQL (?:[\d.]+→)?(?:${series.map(literally).join('|')})(?![.\d→])`;

/**
 * @typedef {object} Wave
 * @property {string} name
 * @property {readonly string[]} projects of vitest that run together: they may share the machine
 * @property {string | null} pattern of the names of its tests; null: all
 * @property {boolean} isLater not begun once the time is up
 */

/**
 * The waves of a run of everything. Everything runs on the newest series; then each other series has its turn, in an order that goes round with
 * the days, so that where the time is up it is not the same one each day that is left out.
 * @param {number} day number of the day
 * @returns {Wave[]}
 */
export function wavesOf(day) {
  const at = day % laterSeries.length;
  const turn = [...laterSeries.slice(at), ...laterSeries.slice(0, at)];
  const main = `(?:${alwaysWhole.join('|')})`;
  return [
    { name: 'unit, contract', projects: ['unit', 'contract'], pattern: null, isLater: false },
    { name: 'integration, faults: MySQL 9.7', projects: ['integration', 'faults'], pattern: `^(?:${main} |(?!.*${titleOf(laterSeries)}))`, isLater: false },
    { name: 'e2e', projects: ['e2e'], pattern: null, isLater: false },
    ...turn.map((series) => ({
      name: `integration, faults: MySQL ${series}`, projects: ['integration', 'faults'], pattern: `^(?!${main} ).*${titleOf([series])}`, isLater: true,
    })),
  ];
}

/**
 * The waves of a part of the tests: its projects, with all they have.
 * @param {readonly string[]} parts
 * @returns {Wave[]}
 */
export function wavesOfPart(parts) {
  return [['unit', 'contract'], ['integration', 'faults'], ['e2e']]
    .map((projects) => projects.filter((name) => parts.includes(name)))
    .filter((projects) => projects.length > 0)
    .map((projects) => ({ name: projects.join(', '), projects, pattern: null, isLater: false }));
}

/**
 * What was not reached, a line for each series: its suites.
 * @param {readonly string[]} cells titles of groups
 * @returns {string[]}
 */
export function leftLines(cells) {
  const read = cells.map(readTitle).filter((cell) => cell !== undefined);
  const series = [...new Set(read.map((cell) => cell.series))].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  return series.map((one) => {
    const suites = read.filter((cell) => cell.series === one).map(({ suite }) => suite).sort((a, b) => a.localeCompare(b, 'en'));
    return `  ${one}: ${suites.length} suite${suites.length === 1 ? '' : 's'} (${suites.join(', ')})`;
  });
}
