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

/** What is known of both printers. */
interface Printing {
  /** One of them compares with 0 what is taken as a truth (8.0.17), and the other does not, as far as their versions say. */
  readonly truthsDiffer: boolean;
}

/** The same words in another order, or other words, where releases print the same thing in their own: the brackets stay as they are grouped. */
export function inOneForm(tokens: readonly SqlToken[], printing: Printing): readonly SqlToken[] {
  const out: SqlToken[] = [];
  flatten(formed(grouped(tokens), printing), out);
  return out;
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

function flatten(parts: readonly Part[], out: SqlToken[]): void {
  for (const part of parts) {
    if ('kind' in part) {
      out.push(part);
      continue;
    }
    out.push(mark('('));
    flatten(part.parts, out);
    out.push(mark(')'));
  }
}

/** What stands in a bracket is formed once: brackets stand in brackets, dozens deep. */
function formed(parts: readonly Part[], printing: Printing): readonly Part[] {
  const out: Part[] = [];
  for (let at = 0; at < parts.length; at++) {
    const part = parts[at] as Part;
    const next = parts[at + 1];
    if (isWord(part, ...passing)) continue;
    if ('parts' in part) {
      out.push({ parts: ofGroup(formed(part.parts, printing), printing) });
      continue;
    }
    const name = part.kind === 'word' ? part.text.toLowerCase() : '';
    if (next === undefined || !('parts' in next) || !(name in calls)) out.push(part);
    else {
      out.push(...(calls[name]?.(formed(next.parts, printing)) ?? []));
      at += 1;
    }
  }
  return out;
}

const called = (name: string) => (inside: readonly Part[]): readonly Part[] => [word(name), { parts: inside }];
/** The names of the one character set that has two, and which servers convert to by themselves. */
const utf8Names = ['utf8', 'utf8mb3', 'utf8mb4'];

/** Calls that one release prints and another has an operator for, or another name. */
const calls: Readonly<Record<string, (inside: readonly Part[]) => readonly Part[]>> = {
  ucase: called('upper'),
  lcase: called('lower'),
  isnull: (inside) => [{ parts: [...inside, word('is'), word('null')] }],
  regexp_like: (inside) => {
    const comma = inside.findIndex((part) => isMark(part, ','));
    // With a third one it is a function of 8.0 that nothing else says.
    if (comma === -1 || inside.some((part, at) => at > comma && isMark(part, ','))) return called('regexp_like')(inside);
    return [{ parts: [...inside.slice(0, comma), word('regexp'), ...inside.slice(comma + 1)] }];
  },
  // A server says so, or does not, where two character sets meet.
  convert: (inside) => {
    const using = inside.findIndex((part) => isWord(part, 'using'));
    return using !== -1 && isWord(inside[using + 1], ...utf8Names) ? [{ parts: inside.slice(0, using) }] : called('convert')(inside);
  },
};

/** From 8.0.17 on what is taken as a truth is compared with 0, and NOT stands within `NOT IN (SELECT …)`. */
function ofGroup(inside: readonly Part[], { truthsDiffer }: Printing): readonly Part[] {
  const [first, second, third] = inside;
  if (truthsDiffer && isZero(first) && isMark(second, '<') && isMark(third, '>')) return inside.slice(3);
  if (truthsDiffer && isZero(first) && isMark(second, '=')) return [word('not'), { parts: inside.slice(2) }];
  if (inside.length === 2 && isWord(first, 'not') && second !== undefined && 'parts' in second) {
    const at = second.parts.findIndex((part, index) => isWord(part, 'in') && isQuery(second.parts[index + 1]));
    if (at > 0 && !isWord(second.parts[at - 1], 'not')) return [...second.parts.slice(0, at), word('not'), ...second.parts.slice(at)];
  }
  return inside;
}

const isQuery = (part: Part | undefined): boolean => part !== undefined && 'parts' in part && isWord(part.parts[0], 'select', 'with', 'table', 'values');
