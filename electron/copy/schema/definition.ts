import { SqlCursor, type QualifiedName } from '../../../shared/domain/sql/cursor';
import { isSignificant, SqlScanner, tokensIn, valueOf, type SqlToken } from '../../../shared/domain/sql/tokens';
import type { ObjectName } from './catalogue';

/** A table's definition, and what may be added to it later. */
export interface TableDefinition {
  /** The whole, as SHOW CREATE TABLE prints it. */
  readonly text: string;
  /** Secondary keys that may come after the rows, in their order: building them at once is quicker than row by row. */
  readonly laterKeys: readonly string[];
  readonly foreignKeys: readonly string[];
  /** The table that one of these names, in the database of its own table unless another is named. Read once: thousands of keys are asked for several times. */
  parentOf(foreignKey: string, database: string): ObjectName | null;
  /** It is to be loaded into a secondary engine: an 8.0 takes no ALTER TABLE of it (3890), so that nothing can be added later. */
  readonly isFixed: boolean;
  /** The definition without these of its items. */
  without(items: readonly string[]): string;
}

/**
 * Takes apart what SHOW CREATE TABLE prints. Keys stay with the table where they could not come back as they were: tables
 * without a primary key keep their unique ones, and those with full-text, spatial or functional keys keep all, because
 * their place in the order would change; a key that AUTO_INCREMENT needs stays too.
 */
export function tableDefinition(text: string): TableDefinition {
  const whole: TableDefinition = { text, laterKeys: [], foreignKeys: [], parentOf: referencedTable, isFixed: false, without: () => text };
  const parts = partsOf(text);
  if (parts === null || !/^\s*\) ENGINE=InnoDB\b/.test(parts.tail)) return whole;
  const { head, items, tail } = parts;
  const isFixed = tokensIn(tail).some((token) => isWord(token, 'SECONDARY_ENGINE'));
  const laterKeys = isFixed ? [] : laterKeysOf(items);
  const parents = new Map(items.filter(isForeignKey).map((item) => [item.text, parentIn(item.text)]));
  return {
    text,
    laterKeys: laterKeys.map((item) => item.text),
    foreignKeys: [...parents.keys()],
    parentOf: (key, database) => withDatabase(parents.get(key) ?? null, database),
    isFixed,
    without: (left) => `${head}${items.filter((item) => !left.includes(item.text)).map((item) => `\n  ${item.text}`).join(',')}\n${tail.trimStart()}`,
  };
}

/** The columns of a table by their names, each as SHOW CREATE TABLE prints it. */
export function columnLines(text: string): ReadonlyMap<string, string> {
  const columns = partsOf(text)?.items.filter(({ tokens }) => tokens[0]?.kind === 'name') ?? [];
  return new Map(columns.map((item) => [item.tokens[0] === undefined ? '' : valueOf(item.tokens[0]), item.text]));
}

/** One of what stands between the brackets of CREATE TABLE: a column, a key, a constraint. */
export interface Item {
  readonly text: string;
  /** Without blanks and comments. */
  readonly tokens: readonly SqlToken[];
}

function laterKeysOf(items: readonly Item[]): readonly Item[] {
  const keys = items.filter((item) => beginsWith(item, 'KEY') || beginsWith(item, 'UNIQUE', 'KEY'));
  const primary = items.find((item) => beginsWith(item, 'PRIMARY', 'KEY'));
  const isRigid = items.some((item) => beginsWith(item, 'FULLTEXT', 'KEY') || beginsWith(item, 'SPATIAL', 'KEY')) || keys.some(isFunctional);
  const numbered = items.find(({ tokens }) => tokens[0]?.kind === 'name' && tokens.some((token) => isWord(token, 'AUTO_INCREMENT')))?.tokens[0];
  // PRIMARY KEY (`id`: the column that counts up comes first.
  const needsKey = numbered !== undefined && primary?.tokens[3]?.text !== numbered.text;
  return isRigid || needsKey ? [] : keys.filter((item) => primary !== undefined || beginsWith(item, 'KEY'));
}

function isWord(token: SqlToken | undefined, word: string): boolean {
  return token?.kind === 'word' && token.text === word;
}

function beginsWith({ tokens }: Item, ...words: readonly string[]): boolean {
  return words.every((word, at) => isWord(tokens[at], word)) && tokens.length > words.length;
}

export function isForeignKey(item: Item): boolean {
  return beginsWith(item, 'CONSTRAINT') && isWord(item.tokens[2], 'FOREIGN');
}

/** A key on an expression is in brackets of its own. */
function isFunctional({ tokens }: Item): boolean {
  return tokens.some((token, at) => token.text === '(' && tokens[at + 1]?.text === '(');
}

/**
 * A definition that every server reads as the one that printed it: 8.0.11 to 8.0.15 print `COLLATE binary`, which they take as the
 * operator BINARY where it stands without quotes.
 */
export function withQuotedCollation(text: string): string {
  if (!/COLLATE binary/i.test(text)) return text;
  let before: SqlToken | null = null;
  return tokensIn(text).map((token) => {
    const isName = token.kind === 'word' && token.text.toLowerCase() === 'binary' && before?.kind === 'word' && before.text.toUpperCase() === 'COLLATE';
    if (isSignificant(token)) before = token;
    return isName ? `\`${token.text}\`` : token.text;
  }).join('');
}

/** The name in the definition of a key. */
export function keyName(item: string): string {
  const sql = new SqlCursor(item);
  sql.oneOf('UNIQUE');
  return (sql.words('KEY') ? sql.name() : null) ?? '';
}

/** The name in the definition of a foreign key. */
export function foreignKeyName(item: string): string {
  const sql = new SqlCursor(item);
  return (sql.words('CONSTRAINT') ? sql.name() : null) ?? '';
}

/** The table that a foreign key names, in the database of its own table unless another is named. */
export function referencedTable(foreignKey: string, database: string): ObjectName | null {
  return withDatabase(parentIn(foreignKey), database);
}

function parentIn(foreignKey: string): QualifiedName | null {
  const sql = new SqlCursor(foreignKey);
  while (!sql.isAtEnd && !sql.words('REFERENCES')) sql.take();
  return sql.qualifiedName();
}

function withDatabase(table: QualifiedName | null, database: string): ObjectName | null {
  return table === null ? null : { database: table.database ?? database, name: table.name };
}

/** Head, items and tail of CREATE TABLE; null where the text has another form. */
export function partsOf(text: string): { readonly head: string; readonly items: readonly Item[]; readonly tail: string } | null {
  const scanner = new SqlScanner(text);
  const items: Item[] = [];
  let tokens: SqlToken[] = [];
  let depth = 0;
  let first = 0;
  let from = 0;
  const end = (at: number): void => {
    items.push({ text: text.slice(from, at).trim(), tokens });
    tokens = [];
    from = at + 1;
  };
  for (let token = scanner.next(); token !== null; token = scanner.next()) {
    if (!isSignificant(token)) continue;
    const mark = token.kind === 'mark' ? token.text : '';
    if (mark === '(') {
      depth += 1;
      if (depth === 1) {
        first = from = token.at + 1;
        tokens = [];
        continue;
      }
    } else if (mark === ')') {
      depth -= 1;
      if (depth === 0) {
        end(token.at);
        return { head: text.slice(0, first), items, tail: text.slice(token.at) };
      }
    } else if (mark === ',' && depth === 1) {
      end(token.at);
      continue;
    }
    tokens.push(token);
  }
  return null;
}
