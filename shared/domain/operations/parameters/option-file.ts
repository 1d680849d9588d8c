/** One setting that an option file gives the server. */
export interface FileOption {
  /** As a variable is named: with underscores. */
  readonly name: string;
  readonly value: string;
}

export interface OptionFile {
  readonly options: readonly FileOption[];
  /** Lines that give the server nothing that can be read here, with their number: includes, and what is no option. */
  readonly skipped: readonly { readonly line: number; readonly text: string }[];
}

const ofServer = /^(?:mysqld|server|mysqld-\d+\.\d+|mysqld\d*)$/i;

/**
 * Reads an option file as the server does: what stands under [mysqld] or [server], or under no heading at all. The last of two lines
 * for one variable counts. Manual: "Using Option Files".
 */
export function readOptionFile(text: string): OptionFile {
  const options = new Map<string, string>();
  const skipped: { line: number; text: string }[] = [];
  let counts = true;
  for (const [at, raw] of text.split(/\r\n|\r|\n/).entries()) {
    const line = raw.trim();
    if (line === '' || /^[#;]/.test(line)) continue;
    const heading = /^\[([^\]]*)\]/.exec(line);
    if (heading !== null) {
      counts = ofServer.test((heading[1] ?? '').trim());
      continue;
    }
    if (!counts) continue;
    const option = readLine(line);
    if (option === null) {
      skipped.push({ line: at + 1, text: line.slice(0, 200) });
      continue;
    }
    options.delete(option.name);
    options.set(option.name, option.value);
  }
  return { options: [...options].map(([name, value]) => ({ name, value })), skipped };
}

function readLine(line: string): FileOption | null {
  const match = /^(?:loose[-_])?([a-z][a-z0-9_.-]*)\s*(?:=\s*(.*))?$/i.exec(withoutComment(line));
  if (match === null) return null;
  const name = (match[1] ?? '').toLowerCase().replaceAll('-', '_');
  // An option by itself is a switch that is on.
  return { name, value: match[2] === undefined ? 'ON' : unquoted(match[2].trim()) };
}

/** A comment may begin in the middle of a line, but not within quotes. */
function withoutComment(line: string): string {
  let quote: string | null = null;
  for (let at = 0; at < line.length; at += 1) {
    const character = line[at] ?? '';
    if (quote !== null && character === '\\') at += 1;
    else if (quote === null && (character === '"' || character === "'")) quote = character;
    else if (character === quote) quote = null;
    else if (quote === null && character === '#') return line.slice(0, at).trim();
  }
  return line;
}

const escapes: Readonly<Record<string, string>> = { b: '\b', t: '\t', n: '\n', r: '\r', s: ' ', '\\': '\\' };

function unquoted(text: string): string {
  const quoted = /^(["'])([\s\S]*)\1$/.exec(text);
  return (quoted?.[2] ?? text).replaceAll(/\\([btnrs\\])/g, (_, letter: string) => escapes[letter] ?? letter);
}
