/** A character set of a server with its collations. */
export interface ServerCharset {
  readonly name: string;
  /** Most bytes of one character. */
  readonly bytes: number;
  readonly initial: string;
  readonly collations: readonly string[];
}

/** What text is to be stored in. */
export interface CharsetTarget {
  readonly charset: string;
  readonly collation: string;
  /** The collation of the character set that compares bytes: for columns that compare so now; null: it has none. */
  readonly binary: string | null;
  /** Most bytes of one character. */
  readonly bytes: number;
}

export interface TableName {
  readonly database: string;
  readonly table: string;
}

export interface ColumnFacts {
  readonly name: string;
  /** The data type's word, in small letters. */
  readonly type: string;
  /** With its length, members and signs, as the server prints it. */
  readonly fullType: string;
  /** As SHOW CREATE TABLE prints it, name included. */
  readonly line: string;
  /** Most characters, and most bytes, of a text; null: it is none. */
  readonly characters: number | null;
  readonly octets: number | null;
  readonly precision: number;
  readonly scale: number;
  readonly fraction: number;
  readonly nullable: boolean;
  readonly charset: string | null;
  readonly collation: string | null;
  readonly generated: boolean;
}

export interface KeyFacts {
  readonly name: string;
  readonly unique: boolean;
  readonly kind: 'btree' | 'fulltext' | 'other';
  /** `column` null: an expression. */
  readonly parts: readonly { readonly column: string | null; readonly prefix: number | null }[];
}

export interface ForeignKeyFacts {
  readonly name: string;
  readonly from: TableName;
  readonly columns: readonly string[];
  readonly to: TableName;
  readonly targets: readonly string[];
}

export interface TableFacts extends TableName {
  readonly engine: string;
  /** In capitals. */
  readonly rowFormat: string;
  readonly collation: string;
  readonly rows: number;
  readonly bytes: number;
  readonly partitioned: boolean;
  /** SHOW CREATE TABLE. */
  readonly definition: string;
  readonly columns: readonly ColumnFacts[];
  readonly keys: readonly KeyFacts[];
}

/** What of a server decides whether a definition is accepted. */
export interface ServerLimits {
  readonly version: { readonly major: number; readonly minor: number; readonly patch: number };
  /** Keys of DYNAMIC and COMPRESSED tables may have 3072 bytes. */
  readonly longKeys: boolean;
  readonly pageSize: number;
  readonly strict: boolean;
}

/** `database`.`table` as people read it. */
export const tableText = ({ database, table }: TableName): string => `${database}.${table}`;
export const sameTable = (a: TableName, b: TableName): boolean => a.database === b.database && a.table === b.table;
