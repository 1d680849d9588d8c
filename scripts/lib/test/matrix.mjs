// The table at the end of a run: which suite ran on which series, and how many of its tests passed there.

/**
 * @typedef {object} MatrixFacts
 * @property {Readonly<Record<string, readonly string[]>>} suites the series each suite is meant for; `5.7→8.0` for what crosses two
 * @property {readonly string[]} series every series, as the columns stand
 * @property {readonly string[]} missing series whose server is not on this machine
 */

/**
 * @typedef {object} Counted
 * @property {number} passed
 * @property {number} failed
 */

const separator = ' · MySQL ';

/**
 * The suite and the series in the title of a group, where it has them.
 * @param {string} title
 * @returns {{ suite: string, series: string } | undefined}
 */
export function readTitle(title) {
  const at = title.lastIndexOf(separator);
  return at <= 0 ? undefined : { suite: title.slice(0, at), series: title.slice(at + separator.length) };
}

/** @param {string} suite @param {string} series */
export const cellKey = (suite, series) => `${suite}${separator}${series}`;

/**
 * What stands in a cell. Where nothing passed it is never a number alone, so that it cannot be taken for a success.
 * @param {MatrixFacts} facts
 * @param {ReadonlyMap<string, Counted>} counted
 * @param {string} suite
 * @param {string} series
 */
function cell({ suites, missing }, counted, suite, series) {
  const found = counted.get(cellKey(suite, series));
  if (found !== undefined && found.failed > 0) return `${found.failed} FAILED, ${found.passed}`;
  if (found !== undefined && found.passed > 0) return String(found.passed);
  if (!(suites[suite] ?? []).includes(series)) return '–';
  return series.split('→').some((one) => missing.includes(one)) ? 'not here' : 'not run';
}

/** @param {string[]} cells @param {number[]} widths */
const row = (cells, widths) => cells.map((text, at) => (at === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[at] ?? 0))).join('  ').trimEnd();

/**
 * The cells that are in the matrix, have their server, and in which nothing ran. In a run of everything they are failures.
 * @param {MatrixFacts} facts
 * @param {ReadonlyMap<string, Counted>} counted
 * @returns {string[]}
 */
export function emptyCells(facts, counted) {
  return Object.entries(facts.suites).flatMap(([suite, meant]) => meant
    .filter((series) => cell(facts, counted, suite, series) === 'not run')
    .map((series) => cellKey(suite, series)));
}

/**
 * Suites as rows, series as columns; what crosses two series has a line for each pair.
 * @param {MatrixFacts} facts
 * @param {ReadonlyMap<string, Counted>} counted
 * @returns {string[]}
 */
export function matrixLines(facts, counted) {
  const ran = [...counted.keys()].map(readTitle).filter((cell) => cell !== undefined);
  const names = [...new Set([...Object.keys(facts.suites), ...ran.map(({ suite }) => suite)])].sort((a, b) => a.localeCompare(b, 'en'));
  const seriesOf = (/** @type {string} */ suite) => {
    const there = ran.filter((one) => one.suite === suite).map(({ series }) => series);
    return [...new Set([...(facts.suites[suite] ?? []), ...there])];
  };
  const within = names.filter((suite) => seriesOf(suite).some((series) => facts.series.includes(series)));
  const rows = within.map((suite) => [suite, ...facts.series.map((series) => cell(facts, counted, suite, series))]);
  const across = names.flatMap((suite) => seriesOf(suite)
    .filter((series) => !facts.series.includes(series))
    .map((pair) => [`${suite} ${pair}`, cell(facts, counted, suite, pair)]));
  const table = [['suite', ...facts.series], ...rows];
  const widths = table.reduce((/** @type {number[]} */ widest, cells) => cells.map((text, at) => Math.max(widest[at] ?? 0, text.length)), []);
  const wide = Math.max(0, ...across.map(([name = '']) => name.length));
  return [
    ...(rows.length > 0 ? table.map((cells) => row(cells, widths)) : []),
    ...across.map(([name = '', text = '']) => `${name.padEnd(wide)}  ${text}`),
  ];
}
