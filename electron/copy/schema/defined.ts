// Definitions as a server shows them: what a copy made on the target, and what comparing both sides holds against each other.
import { databaseCollation, parameterCollation, type Shown } from './shown';

export type DefinedKind = 'DATABASE' | 'TABLE' | 'VIEW' | 'PROCEDURE' | 'FUNCTION' | 'TRIGGER' | 'EVENT' | 'LIBRARY';

/** Which object it is. Names are untrusted. */
export interface DefinedObject {
  readonly kind: DefinedKind;
  readonly database: string;
  /** That of the database itself for a database. */
  readonly name: string;
}

/** An object with all that its server says of it. */
export interface Definition extends DefinedObject {
  /** `definition`, and what it was made under: `sql_mode`, `character_set_client`, `collation_connection`, the two collations, `time_zone`. */
  readonly parts: Readonly<Record<string, string>>;
}

const settings = ['sql_mode', 'character_set_client', 'collation_connection', databaseCollation, parameterCollation, 'time_zone'];

/** `text`: the definition itself, or its bytes, one to a character. */
export function definitionOf(object: DefinedObject, shown: Shown, text: string): Definition {
  const { kind, database, name } = object;
  const parts: Record<string, string> = { definition: text };
  for (const setting of settings) if (typeof shown[setting] === 'string') parts[setting] = shown[setting];
  return { kind, database, name, parts };
}

/** The same object has the same key. */
export function keyOf({ kind, database, name }: DefinedObject): string {
  return JSON.stringify([kind, database, name]);
}
