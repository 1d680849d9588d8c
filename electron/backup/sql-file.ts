// Files of definitions: run by `mysql`, and read again by a restore.
import * as v from 'valibot';

/** What a statement in such a file makes. */
const marked = v.object({
  kind: v.picklist(['DATABASE', 'TABLE', 'VIEW', 'PROCEDURE', 'FUNCTION', 'TRIGGER', 'EVENT', 'LIBRARY', 'ACCOUNT', 'SRS']),
  database: v.string(),
  name: v.string(),
  /** Of a trigger: whose it is. */
  table: v.exactOptional(v.string()),
  /** What it was made under: `sql_mode`, `character_set_client`, `collation_connection`, `time_zone`. */
  under: v.exactOptional(v.record(v.string(), v.string())),
  /** Its text is in `character_set_client`, and not in UTF-8. */
  bytes: v.exactOptional(v.boolean()),
});
export type Marked = v.InferOutput<typeof marked>;

/** The statements that make one thing; the last one is its definition, what stands before it and behind it is for `mysql` alone. */
export interface SqlEntry {
  readonly object: Marked;
  readonly statements: readonly Buffer[];
  /** Puts back what the statements before the definition changed for it. */
  readonly closing?: readonly Buffer[];
}

/** What begins the line that names an object. */
const mark = '-- @ ';
/** What begins a statement behind a definition. */
const closingMark = Buffer.from('-- .\n');

/** The bytes of a file. `opening`: statements that set the session; `title`: its first line. */
export function sqlFile(title: string, opening: readonly string[], entries: readonly SqlEntry[]): Buffer {
  const parts = entries.map(({ object, statements, closing = [] }) => ({
    head: Buffer.from(`${mark}${JSON.stringify(object)}\n`),
    statements: [...statements, ...closing.map((statement) => Buffer.concat([closingMark, statement]))],
  }));
  const all = [...opening.map((statement) => Buffer.from(statement)), ...parts.flatMap(({ head, statements }) => [head, ...statements])];
  const delimiter = delimiterFor(all);
  const end = Buffer.from(`\n${delimiter}\n`);
  return Buffer.concat([
    Buffer.from(`-- ${title}\nDELIMITER ${delimiter}\n`),
    ...opening.flatMap((statement) => [Buffer.from(statement), end]),
    ...parts.flatMap(({ head, statements }) => [head, ...statements.flatMap((statement) => [statement, end])]),
  ]);
}

/** One that is in none of the texts: neither `mysql` nor we look into them. */
function delimiterFor(texts: readonly Buffer[]): string {
  for (let tries = 0; ; tries++) {
    const delimiter = tries === 0 ? ';;' : `;;${tries}`;
    if (!texts.some((text) => text.includes(delimiter))) return delimiter;
  }
}

/** An object with its definition, as a file holds it. */
export interface ReadEntry {
  readonly object: Marked;
  /** Every statement of it. */
  readonly statements: readonly Buffer[];
}

/** What a file holds, in its order. Throws where it is of another form. */
export function readSqlFile(bytes: Buffer): readonly ReadEntry[] {
  const firstLine = bytes.indexOf(0x0a) + 1;
  const secondLine = bytes.indexOf(0x0a, firstLine) + 1;
  const delimiter = bytes.toString('utf8', firstLine, secondLine).replace(/^DELIMITER /, '').trim();
  if (firstLine === 0 || secondLine === 0 || delimiter === '') throw new Error('no file of definitions');
  const end = Buffer.from(`\n${delimiter}\n`);
  const entries: { object: Marked; statements: Buffer[] }[] = [];
  for (let at = secondLine; at < bytes.length; ) {
    const stop = bytes.indexOf(end, at);
    if (stop === -1) throw new Error('a file of definitions that is cut');
    let from = at;
    if (bytes.toString('latin1', at, at + mark.length) === mark) {
      from = bytes.indexOf(0x0a, at) + 1;
      entries.push({ object: v.parse(marked, JSON.parse(bytes.toString('utf8', at + mark.length, from))), statements: [] });
    }
    if (!bytes.subarray(from).subarray(0, closingMark.length).equals(closingMark)) entries.at(-1)?.statements.push(bytes.subarray(from, stop));
    at = stop + end.length;
  }
  return entries;
}
