import type { ObjectName } from './catalogue';

/** A table's definition, and what may be added to it later. */
export interface TableDefinition {
  /** The whole, as SHOW CREATE TABLE prints it. */
  readonly text: string;
  /** Secondary keys that may come after the rows, in their order: building them at once is quicker than row by row. */
  readonly laterKeys: readonly string[];
  readonly foreignKeys: readonly string[];
  /** The definition without these of its items. */
  without(items: readonly string[]): string;
}

/**
 * Takes apart what SHOW CREATE TABLE prints. Keys stay with the table where they could not come back as they were: tables
 * without a primary key keep their unique ones, and those with full-text, spatial or functional keys keep all, because
 * their place in the order would change; a key that AUTO_INCREMENT needs stays too.
 */
export function tableDefinition(text: string): TableDefinition {
  const whole: TableDefinition = { text, laterKeys: [], foreignKeys: [], without: () => text };
  const parts = partsOf(text);
  if (parts === null || !/^\s*\) ENGINE=InnoDB\b/.test(parts.tail)) return whole;
  const { head, items, tail } = parts;
  const foreignKeys = items.filter((item) => /^CONSTRAINT `(?:[^`]|``)*` FOREIGN KEY /.test(item));
  const keys = items.filter((item) => /^(?:UNIQUE )?KEY `/.test(item));
  const primary = items.find((item) => item.startsWith('PRIMARY KEY '));
  const rigid = items.some((item) => /^(?:FULLTEXT|SPATIAL) KEY /.test(item)) || keys.some((item) => item.includes('(('));
  const numbered = items.find((item) => item.startsWith('`') && / AUTO_INCREMENT\b/.test(withoutTexts(item)));
  const numberedName = numbered === undefined ? null : (/^`(?:[^`]|``)*`/.exec(numbered)?.[0] ?? null);
  const needsKey = numberedName !== null && !(primary ?? '').startsWith(`PRIMARY KEY (${numberedName}`);
  const laterKeys = rigid || needsKey ? [] : keys.filter((item) => primary !== undefined || item.startsWith('KEY '));
  return {
    text,
    laterKeys,
    foreignKeys,
    without: (left) => `${head}${items.filter((item) => !left.includes(item)).map((item) => `\n  ${item}`).join(',')}\n${tail.trimStart()}`,
  };
}

/** The name in the definition of a key. */
export function keyName(item: string): string {
  return (/^(?:UNIQUE )?KEY `((?:[^`]|``)*)`/.exec(item)?.[1] ?? '').replaceAll('``', '`');
}

/** The name in the definition of a foreign key. */
export function foreignKeyName(item: string): string {
  return (/^CONSTRAINT `((?:[^`]|``)*)`/.exec(item)?.[1] ?? '').replaceAll('``', '`');
}

/** The table that a foreign key names, in the database of its own table unless another is named. */
export function referencedTable(foreignKey: string, database: string): ObjectName | null {
  const match = /\) REFERENCES (?:`((?:[^`]|``)*)`\.)?`((?:[^`]|``)*)`/.exec(foreignKey);
  if (match === null) return null;
  const plain = (name: string): string => name.replaceAll('``', '`');
  return { database: match[1] === undefined ? database : plain(match[1]), name: plain(match[2] ?? '') };
}

function withoutTexts(item: string): string {
  return item.replace(/'(?:[^'\\]|\\[\s\S]|'')*'/g, "''").replace(/`(?:[^`]|``)*`/g, '``');
}

/** Head, items and tail of CREATE TABLE; null where the text has another form. */
function partsOf(text: string): { readonly head: string; readonly items: readonly string[]; readonly tail: string } | null {
  const tokens = /'(?:[^'\\]|\\[\s\S]|'')*'|`(?:[^`]|``)*`|[(),]/g;
  let depth = 0;
  let head = '';
  let from = 0;
  const items: string[] = [];
  for (let match = tokens.exec(text); match !== null; match = tokens.exec(text)) {
    const [token] = match;
    if (token === '(') {
      depth += 1;
      if (depth === 1) [head, from] = [text.slice(0, match.index + 1), match.index + 1];
    } else if (token === ',' && depth === 1) {
      items.push(text.slice(from, match.index).trim());
      from = match.index + 1;
    } else if (token === ')') {
      depth -= 1;
      if (depth === 0) {
        items.push(text.slice(from, match.index).trim());
        return { head, items, tail: text.slice(match.index) };
      }
    }
  }
  return null;
}
