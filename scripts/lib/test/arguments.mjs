// What `npm test -- …` is asked for.

/** Checks that are programs of their own, and projects of vitest, in the order in which they run. */
export const checks = ['lint', 'typecheck'];
export const projects = ['unit', 'contract', 'integration', 'faults', 'e2e'];

/**
 * @typedef {object} TestRequest
 * @property {string[]} parts what runs: checks and projects
 * @property {string[]} files filters of test files, as vitest takes them: parts of paths
 * @property {string[]} further options handed on to vitest
 * @property {boolean} busy beside a machine that is kept busy
 * @property {number | null} seed tests and files in an order of this seed; null: in theirs
 * @property {number | null} minutes after which no suite of a later series is begun; null: all are
 * @property {boolean} whole everything is asked for, and nothing left out
 */

const nameOption = /^(?:-t|--testNamePattern)$/;
const nameOptionWithValue = /^(?:-t|--testNamePattern)=/;

class RequestError extends Error {}

/**
 * The projects that hold a file which a filter names. A filter is a part of a file's path; `file:line` names a test in it.
 * @param {string[]} filters
 * @param {readonly string[]} testFiles paths from the checkout, with `/`
 * @returns {string[]}
 */
function projectsOf(filters, testFiles) {
  const found = new Set();
  for (const filter of filters) {
    const part = filter.replace(/:\d+$/, '');
    const files = testFiles.filter((file) => file.includes(part));
    if (files.length === 0) throw new RequestError(`No test file's path contains "${filter}".`);
    for (const file of files) found.add(file.split('/')[1]);
  }
  return projects.filter((name) => found.has(name));
}

/** @param {string | undefined} text */
const isSeed = (text) => text !== undefined && /^\d{1,9}$/.test(text);

/**
 * Reads the command line. A file or a name (`-t`) restricts the run to it: then nothing else is checked that is not named.
 * @param {readonly string[]} given
 * @param {{ testFiles: readonly string[], checkout: string, randomSeed: () => number }} world
 * @returns {TestRequest}
 */
export function readArguments(given, { testFiles, checkout, randomSeed }) {
  /** @type {string[]} */
  const named = [];
  /** @type {string[]} */
  const files = [];
  /** @type {string[]} */
  const further = [];
  let busy = false;
  let byName = false;
  /** @type {number | null} */
  let seed = null;
  /** @type {number | null} */
  let minutes = null;
  for (let at = 0; at < given.length; at++) {
    const word = given[at] ?? '';
    const next = given[at + 1];
    if (word === '--busy') busy = true;
    else if (word === '--shuffle') {
      seed = isSeed(next) ? Number(next) : randomSeed();
      if (isSeed(next)) at++;
    } else if (word.startsWith('--shuffle=')) {
      const text = word.slice('--shuffle='.length);
      if (!isSeed(text)) throw new RequestError(`A seed is a number of up to nine digits, not "${text}".`);
      seed = Number(text);
    } else if (word === '--minutes') {
      minutes = Number(next);
      if (!Number.isInteger(minutes) || minutes < 1) throw new RequestError(`--minutes wants a number of minutes, not "${next ?? ''}".`);
      at++;
    } else if (nameOption.test(word)) {
      if (next === undefined) throw new RequestError(`${word} wants a part of a test's name.`);
      byName = true;
      further.push('-t', next);
      at++;
    } else if (nameOptionWithValue.test(word)) {
      byName = true;
      further.push('-t', word.slice(word.indexOf('=') + 1));
    } else if (word.startsWith('-')) further.push(word);
    else if (checks.includes(word) || projects.includes(word)) named.push(word);
    else files.push(word.replace(`${checkout.replace(/[\\/]+$/, '')}/`, '').replace(/^\.\//, ''));
  }
  const holding = files.length > 0 ? projectsOf(files, testFiles) : projects;
  const isRestricted = files.length > 0 || byName;
  const all = isRestricted ? holding : [...checks, ...projects];
  const parts = named.length > 0 ? [...checks, ...projects].filter((name) => named.includes(name) && (checks.includes(name) || holding.includes(name))) : all;
  if (parts.length === 0) throw new RequestError(`No test file of ${named.join(', ')} is named by ${files.join(', ')}.`);
  return { parts, files, further, busy, seed, minutes, whole: !isRestricted && named.length === 0 };
}

/**
 * What vitest is to be told besides its projects.
 * @param {TestRequest} request
 * @returns {string[]}
 */
export function vitestArguments({ files, further, seed }) {
  const shuffle = seed === null ? [] : ['--sequence.shuffle.files', '--sequence.shuffle.tests', `--sequence.seed=${seed}`];
  return [...files, ...shuffle, ...further];
}

/** @param {string} text */
const quoted = (text) => (/^[\w./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/**
 * The command that runs one test alone (or its file, where a file as a whole failed).
 * @param {string} file
 * @param {string} [name] its full name, with those of its groups
 * @returns {string}
 */
export function commandAlone(file, name) {
  const pattern = name === undefined ? [] : ['-t', quoted(`^${name.replaceAll(/[$^+?*.()|[\]{}\\]/g, String.raw`\$&`)}$`)];
  return ['npm test --', quoted(file), ...pattern].join(' ');
}
