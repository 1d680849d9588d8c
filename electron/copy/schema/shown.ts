import { SqlScanner } from '../../../shared/domain/sql/tokens';
import { failure } from '../../../shared/errors/codes';
import type { StatementSession } from '../../mysql/types';

/** A row of SHOW CREATE …; a field that the login may not see is null. */
export type Shown = Readonly<Record<string, string | null>>;

/** The text of a definition; a server hides it (NULL) from logins that may not see it. */
export function definitionIn(row: Shown | undefined, field: string, name: string): string {
  const text = row?.[field];
  if (text === undefined || text === null || text === '') throw failure('privilege-missing', { privilege: `${field}: ${name}` });
  return text;
}

/**
 * What SHOW CREATE prints, and the definition as a statement that makes the same. A server prints a literal of bytes as they are
 * (`_binary'þ'`, `DEFAULT 'þ'` of a binary column) and turns those that are no text into question marks on their way: where the text may
 * hold such, it is read once more as bytes. `name`: for the error.
 *
 * @throws Failure `privilege-missing` where the login may not see the definition
 */
export async function showCreate(
  session: StatementSession, what: string, field: string, name: string,
): Promise<{ readonly shown: Shown; readonly text: string }> {
  const [shown] = await session.query<Shown>(`SHOW CREATE ${what}`);
  const text = definitionIn(shown, field, name);
  if (shown === undefined || !/[?\uFFFD]/.test(text)) return { shown: shown ?? {}, text };
  try {
    await session.run('SET SESSION character_set_results = binary');
    const [raw] = await session.query<Readonly<Record<string, Uint8Array | string | null>>>(`SHOW CREATE ${what}`);
    const bytes = raw?.[field];
    return { shown, text: bytes instanceof Uint8Array ? statementFrom(bytes) : text };
  } finally {
    await session.run('SET SESSION character_set_results = utf8mb4');
  }
}

/** A definition that was read as bytes: UTF-8, and within literals whatever bytes these stand for, which become hexadecimal. */
export function statementFrom(bytes: Uint8Array): string {
  const whole = textOf(bytes);
  if (whole !== null) return whole;
  const scanner = new SqlScanner(Buffer.from(bytes).toString('latin1'));
  const parts: string[] = [];
  for (let token = scanner.next(); token !== null; token = scanner.next()) {
    const own = Buffer.from(token.text, 'latin1');
    const text = textOf(own);
    if (text !== null) parts.push(text);
    else if (token.kind === 'string') parts.push(`${parts.at(-1)?.startsWith('_') === true ? ' ' : ''}0x${valueOf(token.text).toString('hex')}`);
    else parts.push(own.toString('utf8'));
  }
  return parts.join('');
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** null: the bytes are no text. */
function textOf(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}

/** What stands for one byte behind a backslash. Manual: "String Literals". */
const escapes: Readonly<Record<string, string>> = { 0: '\0', b: '\b', n: '\n', r: '\r', t: '\t', Z: '\x1a' };

/** The bytes of a literal whose text holds one character a byte. */
function valueOf(literal: string): Buffer {
  const quote = literal.charAt(0);
  const inner = literal.slice(1, -1).replaceAll(/\\([^])|(''|"")/g, (all, escaped: string | undefined) => {
    if (escaped !== undefined) return escapes[escaped] ?? escaped;
    return all.startsWith(quote) ? quote : all;
  });
  return Buffer.from(inner, 'latin1');
}
