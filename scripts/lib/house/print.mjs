// The house as text for a terminal: no colours, columns aligned, the widest room first.
import { roomOfFolder } from './rooms.mjs';

/**
 * @typedef {import('./rooms.mjs').House} House
 * @typedef {import('./rooms.mjs').Arrow} Arrow
 * @typedef {import('./functions.mjs').LongFunction} LongFunction
 *
 * @typedef {object} Measures
 * @property {readonly { file: string, lines: number }[]} largestFiles
 * @property {readonly LongFunction[]} longestFunctions
 * @property {number} functionLimit what a function may have at most, lines
 * @property {number} functionsOverLimit
 */

const width = 150;

/** @param {number} count */
const grouped = (count) => count.toLocaleString('en');
/** @param {number} count @param {string} noun @param {string} [nouns] */
const counted = (count, noun, nouns = `${noun}s`) => `${grouped(count)} ${count === 1 ? noun : nouns}`;

/**
 * Rows with their columns aligned, the first to the left and the others to the right.
 * @param {readonly (readonly string[])[]} rows
 * @returns {string[]}
 */
function columns(rows) {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => (row[at] ?? '').length)));
  return rows.map((row) => row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  ').trimEnd());
}

/**
 * A head and what belongs to it, on as many lines as that takes.
 * @param {string} head
 * @param {readonly string[]} words
 * @returns {string[]}
 */
function wrapped(head, words) {
  const lines = [head];
  for (const [at, word] of words.entries()) {
    const piece = at === words.length - 1 ? word : `${word},`;
    const last = lines.at(-1) ?? '';
    if (last.length + 1 + piece.length <= width) lines[lines.length - 1] = `${last} ${piece}`;
    else lines.push(`${' '.repeat(head.length)} ${piece}`);
  }
  return lines;
}

/**
 * @param {readonly Arrow[]} arrows
 * @param {(from: string, to: string) => string} [naming] how the end of an arrow is called beside its beginning
 * @returns {string[]}
 */
function arrowLines(arrows, naming = (_, to) => to) {
  const ways = new Set(arrows.map(({ from, to }) => `${from} ${to}`));
  const froms = [...new Set(arrows.map(({ from }) => from))];
  const longest = Math.max(0, ...froms.map((from) => from.length));
  return froms.flatMap((from) => wrapped(
    `  ${from.padEnd(longest)} →`,
    arrows.filter((arrow) => arrow.from === from).map(({ to, imports }) => `${naming(from, to)} ${imports}${ways.has(`${to} ${from}`) ? ' ⇄' : ''}`),
  ));
}

/** Inside of a room its own name need not be said again. @param {string} from @param {string} to */
const within = (from, to) => (roomOfFolder(from) === to ? '.' : to.slice(roomOfFolder(from).length + 1));

/**
 * @param {House} house
 * @param {Measures} measures
 * @returns {string}
 */
export function houseText({ rooms, arrows, innerArrows, breaches }, { largestFiles, longestFunctions, functionLimit, functionsOverLimit }) {
  const total = rooms.reduce((sum, room) => ({ files: sum.files + room.files, lines: sum.lines + room.lines }), { files: 0, lines: 0 });
  const roomRows = rooms.flatMap(({ name, files, lines, inner }) => [
    [name, grouped(files), grouped(lines)],
    ...inner.map((part) => [`  ${part.name === '' ? '.' : part.name}`, grouped(part.files), grouped(part.lines)]),
  ]);
  return [
    ...columns([['room', 'files', 'lines'], ...roomRows, ['', '', ''], ['all', grouped(total.files), grouped(total.lines)]]),
    '', `${counted(arrows.length, 'arrow')} between rooms, with the number of imports (⇄ there is one back)`, ...arrowLines(arrows),
    '', `${counted(innerArrows.length, 'arrow')} between the folders of one room`, ...arrowLines(innerArrows, within),
    '', 'largest files', ...columns(largestFiles.map(({ file, lines }) => [`  ${file}`, grouped(lines)])),
    '', `longest functions (${functionsOverLimit} of more than ${functionLimit} lines)`,
    ...columns(longestFunctions.map(({ file, line, name, lines }) => [`  ${file}:${line} ${name}`, grouped(lines)])),
    '', breaches.length === 0 ? 'no breach' : counted(breaches.length, 'BREACH', 'BREACHES'),
    ...breaches.map(({ rule, path }) => `  ${rule}: ${path.join(' → ')}`),
    '',
  ].join('\n');
}
