import type { ColumnFacts } from './facts';

/** Bytes that a length in front of a text takes. */
export const lengthBytes = (most: number): number => (most < 256 ? 1 : 2);

const plain: Readonly<Record<string, number>> = {
  tinyint: 1, smallint: 2, mediumint: 3, int: 4, integer: 4, bigint: 8, float: 4, double: 8, year: 1, date: 3, time: 3, datetime: 5, timestamp: 4,
};
/** A pointer of eight bytes behind a length of one to four. */
const outside: Readonly<Record<string, number>> = {
  tinytext: 9, tinyblob: 9, text: 10, blob: 10, mediumtext: 11, mediumblob: 11, longtext: 12, longblob: 12,
};
const decimalDigits = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4] as const;

const decimalPart = (digits: number): number => Math.floor(digits / 9) * 4 + (decimalDigits[digits % 9] ?? 4);

/** Members of an ENUM or SET, by its type as printed: a comma within quotes parts nothing. */
export function members(fullType: string): readonly string[] {
  return [...fullType.matchAll(/'((?:[^']|'')*)'/g)].map(([, text]) => (text ?? '').replaceAll("''", "'"));
}

/**
 * Bytes of a column in the server's own record, which has 65,535 at most. `characterBytes`: of a text that is converted; null: as it is.
 * Manual: "Data Type Storage Requirements", "Limits on Table Column Count and Row Size".
 */
export function recordBytes(column: ColumnFacts, characterBytes: number | null): number {
  const { type, precision, scale, fraction } = column;
  const most = textBytes(column, characterBytes);
  switch (type) {
    case 'char':
    case 'binary':
      return most;
    case 'varchar':
    case 'varbinary':
      return most + lengthBytes(most);
    case 'decimal':
      return decimalPart(precision - scale) + decimalPart(scale);
    case 'bit':
      return Math.ceil(precision / 8);
    case 'enum':
      return members(column.fullType).length < 256 ? 1 : 2;
    case 'set': {
      const bytes = Math.ceil(members(column.fullType).length / 8);
      return bytes > 4 ? 8 : bytes;
    }
    default:
      // What is kept apart from its row, JSON, geometry and vectors among it, has a length of four.
      return plain[type] === undefined ? outside[type] ?? 12 : (plain[type] ?? 0) + Math.ceil(fraction / 2);
  }
}

/** Most bytes of a text. */
export function textBytes({ characters, octets }: ColumnFacts, characterBytes: number | null): number {
  return characterBytes === null || characters === null ? octets ?? 0 : characters * characterBytes;
}

export const isText = ({ charset }: ColumnFacts): boolean => charset !== null && charset !== 'binary';

const lengths: Readonly<Record<string, number>> = { tinytext: 255, text: 65_535, mediumtext: 16_777_215 };

/** Most bytes that a text of this type holds whatever its character set; null: its characters are counted. */
export const mostBytes = (type: string): number | null => lengths[type] ?? null;

/** Whether a column has one length in every row, as InnoDB keeps it. */
export function isFixed({ type, characters }: ColumnFacts, bytes: number): boolean {
  if (type === 'binary') return true;
  // With more than one byte to a character a CHAR is kept as VARCHAR is.
  if (type === 'char') return characters === null || bytes <= characters;
  return plain[type] !== undefined || type === 'decimal' || type === 'bit' || type === 'enum' || type === 'set';
}
