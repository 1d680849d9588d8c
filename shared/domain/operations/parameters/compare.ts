import { oneCharsetName } from '../../sql/charset-name';
import { isSet } from './known/variables';

export type Sameness = 'same' | 'equivalent' | 'different';

const units: Readonly<Record<string, bigint>> = { '': 1n, k: 1n << 10n, m: 1n << 20n, g: 1n << 30n, t: 1n << 40n, p: 1n << 50n, e: 1n << 60n };

/** A whole number as option files write it, `128M` too; null: it is none. */
export function wholeOf(text: string): bigint | null {
  const match = /^\s*([+-]?\d{1,20})\s*([kmgtpe]?)\s*$/i.exec(text);
  if (match === null) return null;
  return BigInt(match[1] ?? '0') * (units[(match[2] ?? '').toLowerCase()] ?? 1n);
}

const switches: Readonly<Record<string, string>> = { on: 'ON', off: 'OFF', true: 'ON', false: 'OFF', yes: 'ON', no: 'OFF', 1: 'ON', 0: 'OFF' };

/** ON or OFF from any of the words for it; null: it is none of them. */
export function switchOf(text: string): 'ON' | 'OFF' | null {
  const word = switches[text.trim().toLowerCase()];
  return word === 'ON' || word === 'OFF' ? word : null;
}

/** Whether two values of a variable mean one thing: by unit, order, letter case or an old name of a character set. */
export function sameValue(name: string, a: string, b: string): Sameness {
  if (a === b) return 'same';
  return normal(name, a) === normal(name, b) || areSwitches(a, b) ? 'equivalent' : 'different';
}

/** One is a word and the other may be a digit: `ON` is `1`, while `1` is not `ON` where both are digits of a number. */
function areSwitches(a: string, b: string): boolean {
  const isWord = (text: string): boolean => /^(on|off|true|false|yes|no)$/i.test(text.trim());
  const [left, right] = [switchOf(a), switchOf(b)];
  return left !== null && left === right && (isWord(a) || isWord(b));
}

function normal(name: string, text: string): string {
  const whole = wholeOf(text);
  if (whole !== null) return whole.toString();
  if (/^-?\d+\.\d+$/.test(text)) return String(Number(text));
  if (isSet(name)) return text.split(',').map((word) => word.trim().toLowerCase()).filter((word) => word !== '').sort().join(',');
  if (/^(character_set|collation|default_collation)/.test(name)) return oneCharsetName(text).toLowerCase();
  // Paths and texts keep their case.
  if (/[/\\]/.test(text)) return text.replace(/\/+$/, '');
  return /^[\w-]+$/.test(text) && !/(?:_file|_path|dir)$/.test(name) ? text.toLowerCase() : text;
}
