// What `npm run house` does.
import { houseText } from './print.mjs';
import { survey } from './survey.mjs';

const folders = ['electron', 'renderer', 'shared'];

/**
 * Surveys a checkout and says what was found.
 * @param {readonly string[]} words the arguments
 * @param {string} checkout
 * @param {(text: string) => void} say
 * @returns {Promise<number>} the exit code: 1 with a breach
 */
export async function house(words, checkout, say) {
  const unknown = words.filter((word) => word !== '--json');
  if (unknown.length > 0) throw new Error(`Unknown: ${unknown.join(' ')}. There is: --json.`);
  const { house, measures } = await survey(checkout, folders);
  say(words.includes('--json') ? `${JSON.stringify({ ...house, ...measures }, null, 2)}\n` : houseText(house, measures));
  return house.breaches.length > 0 ? 1 : 0;
}
