import { isSignificant, tokensIn, valueOf } from '../sql/tokens';

/** A table, view or routine that a piece of SQL names. `database` is null where the text leaves it to the default. */
export interface Reference {
  readonly database: string | null;
  readonly name: string;
}

type Token = { readonly kind: 'name' | 'word'; readonly text: string } | { readonly kind: 'mark'; readonly text: string };

const beforeTable = new Set(['FROM', 'JOIN', 'INTO', 'UPDATE', 'TABLE', 'CALL', 'STRAIGHT_JOIN', 'IGNORE', 'LOW_PRIORITY']);
const modifiers = new Set(['IGNORE', 'LOW_PRIORITY']);

/**
 * What SQL text appears to refer to: every `a.b`, and every single name in the place of a table. It knows words, not
 * grammar: an alias or a column may be among the answers, so callers keep only names that exist.
 */
export function referencesIn(sql: string): readonly Reference[] {
  const tokens = tokensOf(sql);
  const found: Reference[] = [];
  let inTableList = false;
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] as Token;
    if (token.kind === 'mark') {
      if (token.text === ';' || token.text === '(') inTableList = token.text === '(' && inTableList;
      continue;
    }
    const before = tokens[i - 1];
    // Behind a point stands a part of a name, behind @ a variable.
    if (before?.kind === 'mark' && (before.text === '.' || before.text === '@')) continue;
    const after = tokens[i + 1];
    const next = tokens[i + 2];
    if (after?.kind === 'mark' && after.text === '.' && next !== undefined && next.kind !== 'mark') {
      found.push({ database: token.text, name: next.text });
      continue;
    }
    const upper = token.kind === 'word' ? token.text.toUpperCase() : '';
    if (upper === 'FROM' || upper === 'UPDATE') inTableList = true;
    else if (/^(WHERE|SET|GROUP|ORDER|LIMIT|VALUES|SELECT|HAVING)$/.test(upper)) inTableList = false;
    if (upper !== '' && (beforeTable.has(upper) || modifiers.has(upper))) continue;
    const announced = before?.kind === 'word' && beforeTable.has(before.text.toUpperCase());
    const listedNext = inTableList && before?.kind === 'mark' && (before.text === ',' || before.text === '(');
    if (announced || listedNext) found.push({ database: null, name: token.text });
  }
  return found;
}

function tokensOf(sql: string): Token[] {
  return tokensIn(sql).flatMap((token): Token[] => {
    if (!isSignificant(token) || token.kind === 'string') return [];
    if (token.kind === 'name' || token.kind === 'word') return [{ kind: token.kind, text: valueOf(token) }];
    return [{ kind: 'mark', text: token.text }];
  });
}
