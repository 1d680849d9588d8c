/** A line DELIMITER, as the mysql client takes it at the beginning of a statement. */
interface DelimiterLine {
  /** null: it names none, or one that holds a backslash, a quote or the beginning of a comment in blocks. */
  readonly delimiter: string | null;
  /** Of the line, without its end. */
  readonly length: number;
}

/** Of a line longer than this the rest is not read. */
export const longestDelimiterLine = 200;
const line = /^DELIMITER(?:[ \t]+([^\r\n]*))?(?=\r|\n|$)/i;

/** What a line DELIMITER at the beginning of the text comes to; null: there is none. */
export function delimiterLine(text: string): DelimiterLine | null {
  const found = line.exec(text.slice(0, longestDelimiterLine));
  if (found === null) return null;
  const [delimiter = ''] = /^\S+/.exec((found[1] ?? '').trim()) ?? [];
  return { delimiter: delimiter === '' || /[\\'"`]|\/\*/.test(delimiter) ? null : delimiter, length: found[0].length };
}
