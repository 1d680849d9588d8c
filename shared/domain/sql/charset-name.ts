/**
 * One name for a character set or collation that has two: `utf8` became `utf8mb3` in what servers show of character sets from 8.0.28 on,
 * `utf8_…` became `utf8mb3_…` in collations from 8.0.30 on. Both are taken everywhere.
 * Manual: "The utf8mb3 Character Set (3-Byte UTF-8 Unicode Encoding)".
 */
export function oneCharsetName(name: string): string {
  return name.replace(/^utf8(?=$|_)/i, 'utf8mb3');
}
