/**
 * One line for my.cnf, section [mysqld]. Values with anything but plain characters are quoted and backslashes doubled,
 * as an option file reads them. Manual: "Using Option Files".
 */
export function configLine(option: string, value: string): string {
  if (/[\r\n\0]/.test(value)) throw new RangeError('A line of an option file cannot hold a line break');
  if (value !== '' && /^[\w.,:%$*/>+-]+$/.test(value)) return `${option} = ${value}`;
  // A quote of the other kind leaves `#` within the value a character: what is behind a closed quote is a comment.
  const quote = value.includes('"') && !value.includes("'") ? "'" : '"';
  return `${option} = ${quote}${value.replaceAll('\\', '\\\\')}${quote}`;
}
