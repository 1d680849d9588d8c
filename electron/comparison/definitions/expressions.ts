// What servers of several releases print of one and the same expression in a view, a generated column or a CHECK, brought to one form. Seen by having
// 5.7.22 print some 300 expressions and views, and 8.0.31 and 9.7 print them again; likewise 5.6.24 and 5.7.22.
import type { SqlToken } from '../../../shared/domain/sql/tokens';

/** A token, or what stands between two brackets. */
type Part = SqlToken | { readonly parts: readonly Part[] };

const word = (text: string): SqlToken => ({ kind: 'word', text, at: 0, closed: true });
const mark = (text: string): SqlToken => ({ kind: 'mark', text, at: 0, closed: true });

function isWord(part: Part | undefined, ...texts: readonly string[]): boolean {
  return part !== undefined && 'kind' in part && part.kind === 'word' && texts.includes(part.text.toLowerCase());
}

const isMark = (part: Part | undefined, text: string): boolean => part !== undefined && 'kind' in part && part.kind === 'mark' && part.text === text;
const isZero = (part: Part | undefined): boolean => part !== undefined && 'kind' in part && part.kind === 'number' && part.text === '0';

/** Hints of how a result is made, which newer servers leave out of what they keep. */
const passing = ['sql_no_cache', 'sql_cache', 'sql_calc_found_rows'];
const newNames: Readonly<Record<string, string>> = { ucase: 'upper', lcase: 'lower' };

/** The same words in another order, or other words, where releases print the same thing in their own: the brackets stay as they are grouped. */
export function inOneForm(tokens: readonly SqlToken[]): readonly SqlToken[] {
  return flat(formed(grouped(tokens)));
}

function grouped(tokens: readonly SqlToken[]): readonly Part[] {
  const stack: Part[][] = [[]];
  for (const token of tokens) {
    const parts = stack.at(-1) as Part[];
    if (isMark(token, '(')) stack.push([]);
    else if (isMark(token, ')') && stack.length > 1) {
      stack.pop();
      (stack.at(-1) as Part[]).push({ parts });
    } else parts.push(token);
  }
  // A bracket that nothing closes stands in no definition that a server prints.
  return stack.flat();
}

function flat(parts: readonly Part[]): readonly SqlToken[] {
  return parts.flatMap((part) => ('parts' in part ? [mark('('), ...flat(part.parts), mark(')')] : [part]));
}

function formed(parts: readonly Part[]): readonly Part[] {
  const out: Part[] = [];
  for (let at = 0; at < parts.length; at++) {
    const part = parts[at] as Part;
    const next = parts[at + 1];
    if (isWord(part, ...passing)) continue;
    if ('parts' in part) {
      out.push({ parts: ofGroup(formed(part.parts)) });
      continue;
    }
    const called = part.kind === 'word' && next !== undefined && 'parts' in next ? ofCall(part.text.toLowerCase(), formed(next.parts)) : null;
    if (called === null) out.push(part);
    else {
      out.push(...called);
      at += 1;
    }
  }
  return out;
}

/** Calls that one release prints and another has an operator for, or another name; null: it is another one. */
function ofCall(name: string, inside: readonly Part[]): readonly Part[] | null {
  const comma = inside.findIndex((part) => isMark(part, ','));
  switch (name) {
    case 'isnull':
      return [{ parts: [...inside, word('is'), word('null')] }];
    case 'regexp_like':
      // With a third one it is a function of 8.0 that nothing else says.
      if (comma === -1 || inside.some((part, at) => at > comma && isMark(part, ','))) return null;
      return [{ parts: [...inside.slice(0, comma), word('regexp'), ...inside.slice(comma + 1)] }];
    case 'convert': {
      // A server says so, or does not, of two character sets that meet; and utf8 has two names.
      const using = inside.findIndex((part) => isWord(part, 'using'));
      return using === -1 ? null : [{ parts: inside.slice(0, using) }];
    }
    default: {
      const renamed = newNames[name];
      return renamed === undefined ? null : [word(renamed), { parts: inside }];
    }
  }
}

/** From 8.0.17 on what is taken as a truth is compared with 0, and NOT stands within `NOT IN (SELECT …)`. */
function ofGroup(inside: readonly Part[]): readonly Part[] {
  const [first, second, third] = inside;
  if (isZero(first) && isMark(second, '<') && isMark(third, '>')) return inside.slice(3);
  if (isZero(first) && isMark(second, '=')) return [word('not'), { parts: inside.slice(2) }];
  if (inside.length === 2 && isWord(first, 'not') && second !== undefined && 'parts' in second) {
    const at = second.parts.findIndex((part, index) => isWord(part, 'in') && isQuery(second.parts[index + 1]));
    if (at > 0 && !isWord(second.parts[at - 1], 'not')) return [...second.parts.slice(0, at), word('not'), ...second.parts.slice(at)];
  }
  return inside;
}

const isQuery = (part: Part | undefined): boolean => part !== undefined && 'parts' in part && isWord(part.parts[0], 'select', 'with', 'table', 'values');
