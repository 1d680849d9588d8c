// Definitions of a database under another name.
import { isSignificant, tokensIn, valueOf, type SqlToken } from '../sql/tokens';

/** By the old name of a database its new one. */
export type NewNames = ReadonlyMap<string, string>;

const quoted = (name: string): string => `\`${name.replaceAll('`', '``')}\``;

/** A name, and what it qualifies. */
interface Qualifier {
  readonly token: SqlToken;
  readonly database: string;
  /** How many names stand in the chain: `a`.`b` are two. */
  readonly parts: number;
  readonly before: SqlToken | undefined;
}

/** The first names of all chains of names. */
function qualifiersIn(text: string): { readonly qualifiers: readonly Qualifier[]; readonly others: ReadonlySet<string> } {
  const tokens = tokensIn(text).filter(isSignificant);
  const isName = (token: SqlToken | undefined): token is SqlToken => token?.kind === 'name' || token?.kind === 'word';
  const isPoint = (token: SqlToken | undefined): boolean => token?.kind === 'mark' && token.text === '.';
  const qualifiers: Qualifier[] = [];
  const others = new Set<string>();
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at];
    if (!isName(token) || isPoint(tokens[at - 1])) continue;
    let parts = 1;
    while (isPoint(tokens[at + 2 * parts - 1]) && tokens[at + 2 * parts] !== undefined) parts += 1;
    const name = token.kind === 'name' ? valueOf(token) : token.text;
    if (parts > 1) qualifiers.push({ token, database: name, parts, before: tokens[at - 1] });
    else if (token.kind === 'name') others.add(name);
  }
  return { qualifiers, others };
}

function replaced(text: string, names: NewNames, chosen: readonly Qualifier[]): string {
  let from = 0;
  const out: string[] = [];
  for (const { token, database } of chosen) {
    const next = names.get(database);
    if (next === undefined) continue;
    out.push(text.slice(from, token.at), quoted(next));
    from = token.at + token.text.length;
  }
  return out.join('') + text.slice(from);
}

/** CREATE TABLE, as a server prints it: only foreign keys name a database. */
export function renamedTable(text: string, names: NewNames): string {
  if (names.size === 0) return text;
  return replaced(text, names, qualifiersIn(text).qualifiers.filter(({ before }) => before?.kind === 'word' && before.text === 'REFERENCES'));
}

/**
 * CREATE VIEW, as a server prints it: every table and function stands behind its database, columns behind their table or its alias. An alias may have
 * the name of a database; then what may be either is a database only where tables are named.
 */
export function renamedView(text: string, names: NewNames): string {
  if (names.size === 0) return text;
  const { qualifiers, others } = qualifiersIn(text);
  const namesTable = ({ before }: Qualifier): boolean => before !== undefined && /^(?:FROM|JOIN|STRAIGHT_JOIN|VIEW)$/i.test(before.text);
  return replaced(text, names, qualifiers.filter((one) => one.parts > 2 || !others.has(one.database) || namesTable(one)));
}

/**
 * CREATE TRIGGER: up to 5.7 a server prints its head as somebody wrote it, with the database of the trigger and of its table where those were written. Under
 * the old name it would be made on the table of that name. What its body names stays.
 */
export function renamedTrigger(text: string, names: NewNames): string {
  if (names.size === 0) return text;
  const words = tokensIn(text).filter(isSignificant);
  const body = words.find((token, at) => /^FOR$/i.test(token.text) && /^EACH$/i.test(words[at + 1]?.text ?? ''))?.at ?? 0;
  return replaced(text, names, qualifiersIn(text).qualifiers.filter(({ token }) => token.at < body));
}

/** The databases of these that a program's text names: it goes on to mean them, whatever they are called now. */
export function databasesNamed(text: string, names: NewNames): readonly string[] {
  const { qualifiers } = qualifiersIn(text);
  return [...new Set(qualifiers.map(({ database }) => database).filter((database) => names.has(database)))];
}
