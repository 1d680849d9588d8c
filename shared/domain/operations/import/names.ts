import { valueOf } from '../../sql/tokens';
import { isName, type Word } from '../sql/words';

/** A name as it stands in a statement: with its database, where one is written. */
export interface WrittenName {
  readonly database: string | null;
  readonly name: string;
  /** The place behind it. */
  readonly next: number;
}

/** A text whose characters are bytes, as UTF-8 has them; as it stands where it is none. */
export function fromBytes(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll(/[%\x80-\xff]/g, (one) => `%${one.charCodeAt(0).toString(16).padStart(2, '0')}`));
  } catch {
    return text;
  }
}

const read = (word: Word | undefined): string => (word === undefined ? '' : fromBytes(valueOf(word.token)));

/** The name at a place; null: none stands there. */
export function nameAt(words: readonly Word[], at: number): WrittenName | null {
  if (!isName(words[at])) return null;
  if (words[at + 1]?.upper !== '.') return { database: null, name: read(words[at]), next: at + 1 };
  return isName(words[at + 2]) ? { database: read(words[at]), name: read(words[at + 2]), next: at + 3 } : null;
}

/** Names with commas between them, from a place on; null: something else stands there. */
export function namesAt(words: readonly Word[], from: number): readonly WrittenName[] | null {
  const names: WrittenName[] = [];
  for (let at = from; ; ) {
    const name = nameAt(words, at);
    if (name === null) return null;
    names.push(name);
    if (words[name.next]?.upper !== ',') return names;
    at = name.next + 1;
  }
}

/** The place behind IF [NOT] EXISTS, and whether it stood there. */
export function behindIfExists(words: readonly Word[], at: number): { readonly at: number; readonly isGiven: boolean } {
  if (words[at]?.upper !== 'IF') return { at, isGiven: false };
  return { at: at + (words[at + 1]?.upper === 'NOT' ? 3 : 2), isGiven: true };
}

const rowModifiers = new Set(['LOW_PRIORITY', 'HIGH_PRIORITY', 'DELAYED', 'QUICK', 'IGNORE', 'INTO']);

/** The table of INSERT, REPLACE, UPDATE and DELETE; null: it is not to be told. */
export function tableOf(words: readonly Word[]): WrittenName | null {
  const at = words.findIndex(({ upper }, place) => place > 0 && upper !== 'FROM' && !rowModifiers.has(upper));
  return at === -1 ? null : nameAt(words, at);
}

/** The names of RENAME TABLE, old and new; null: something else stands there. */
export function renamedIn(words: readonly Word[], from: number): readonly WrittenName[] | null {
  const names: WrittenName[] = [];
  for (let at = from; at < words.length; ) {
    const name = nameAt(words, at);
    if (name === null) return null;
    names.push(name);
    at = name.next + 1;
  }
  return names;
}

/** The account behind DEFINER, `user@host`; null: none is named, or whoever runs the statement. */
export function definerIn(words: readonly Word[]): string | null {
  // `SQL SECURITY DEFINER` names nobody.
  const at = words.findIndex(({ upper }, place) => upper === 'DEFINER' && words[place + 1]?.upper === '=');
  const user = words[at + 2];
  if (at === -1 || user === undefined || user.upper === 'CURRENT_USER') return null;
  return `${read(user)}@${words[at + 3]?.upper === '@' ? read(words[at + 4]) : '%'}`;
}
