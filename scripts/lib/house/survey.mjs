// Reads the house: directions and breaches from the linter itself, over its own configuration; sizes from the files.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import extractDepcruiseOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';
import extractTsConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import { functionsOf } from './functions.mjs';
import { surveyRooms } from './rooms.mjs';

/** What eslint.config.mjs allows a function, lines. */
const functionLimit = 80;
const shown = 15;

/**
 * @param {string} checkout
 * @param {readonly string[]} folders
 * @returns {Promise<{ house: import('./rooms.mjs').House, measures: import('./print.mjs').Measures }>}
 */
export async function survey(checkout, folders) {
  const options = await extractDepcruiseOptions(join(checkout, 'dependency-cruiser.config.cjs'));
  const tsConfig = extractTsConfig(join(checkout, options.tsConfig?.fileName ?? 'tsconfig.json'));
  const { output } = await cruise([...folders], { ...options, baseDir: checkout }, undefined, { tsConfig });
  if (typeof output === 'string') throw new TypeError('dependency-cruiser answered with a text');

  const sources = output.modules.map(({ source }) => source).filter((source) => folders.some((folder) => source.startsWith(`${folder}/`)));
  const texts = new Map(sources.map((source) => [source, readFileSync(join(checkout, source), 'utf8')]));
  const lines = new Map([...texts].map(([file, text]) => [file, text.trimEnd().split('\n').length]));
  const functions = [...texts].filter(([file]) => /\.tsx?$/.test(file)).flatMap(([file, text]) => functionsOf(file, text)).sort((a, b) => b.lines - a.lines);
  return {
    house: surveyRooms(output, lines),
    measures: {
      largestFiles: [...lines].map(([file, count]) => ({ file, lines: count })).sort((a, b) => b.lines - a.lines).slice(0, shown),
      longestFunctions: functions.slice(0, shown),
      functionLimit,
      functionsOverLimit: functions.filter((one) => one.lines > functionLimit).length,
    },
  };
}
