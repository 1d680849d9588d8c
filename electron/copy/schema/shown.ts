import { isSignificant, SqlScanner, tokensIn, valueOf as valueOfToken, type SqlToken } from '../../../shared/domain/sql/tokens';
import { failure } from '../../../shared/errors/codes';
import { atLeast } from '../../../shared/domain/fleet/version';
import { quoteString, quoteTable } from '../../mysql/quote';
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
  const bytes = await bytesOf(session, what, field);
  return { shown, text: bytes === null ? text : statementFrom(bytes) };
}

/** A program as {@link showCreate} gives it, and where it was made in another character set than UTF-8, the bytes that it was made of. */
export interface ShownProgram {
  readonly shown: Shown;
  readonly text: string;
  /** The statement in `shown.character_set_client`; null: the text says all, in that character set too. */
  readonly bytes: Uint8Array | null;
}

/** The field of SHOW CREATE that says what a routine, a trigger or an event was made under: its variables follow it. */
export const databaseCollation = 'Database Collation';
/** What SHOW CREATE does not print of a routine, as one more field of its row. */
export const parameterCollation = 'Parameter Collation';

/**
 * As {@link showCreate}, for what keeps the character set of whoever made it: read in another one a literal of it means something else.
 * With the collation of a routine's parameters, where that is another one than its text and its database would give.
 *
 * @throws Failure `privilege-missing` where the login may not see the definition
 */
export async function showProgram(
  session: StatementSession, program: { readonly kind: string; readonly database: string; readonly name: string }, field: string,
): Promise<ShownProgram> {
  const made = await shownAsMade(session, `${program.kind} ${quoteTable(program.database, program.name)}`, field, program.name);
  if (program.kind !== 'PROCEDURE' && program.kind !== 'FUNCTION') return made;
  const collation = await collationOfParameters(session, program, made);
  return collation === null ? made : { ...made, shown: { ...made.shown, [parameterCollation]: collation } };
}

/**
 * From 8.0 on a parameter without a character set has the one of the database that was in use when the routine was made, be it another
 * database than the routine's, or none; before, that of the routine's own. Seen on 8.0.31 and 9.7: CHARSET(parameter) says so.
 */
async function collationOfParameters(
  session: StatementSession, { kind, database, name }: { readonly kind: string; readonly database: string; readonly name: string }, made: ShownProgram,
): Promise<string | null> {
  if (!atLeast(session.version, 8, 0, 0)) return null;
  const bare = parametersWithoutCharset(made.text);
  if (bare.size === 0) return null;
  const rows = await session.query<{ at: number | string; collation: string }>(
    'SELECT ORDINAL_POSITION AS at, COLLATION_NAME AS collation FROM information_schema.PARAMETERS ' +
      'WHERE SPECIFIC_SCHEMA = ? AND SPECIFIC_NAME = ? AND ROUTINE_TYPE = ? AND ORDINAL_POSITION > 0 AND COLLATION_NAME IS NOT NULL',
    [database, name, kind],
  );
  const collation = rows.find(({ at }) => bare.has(Number(at)))?.collation ?? null;
  return collation === made.shown[databaseCollation] ? null : collation;
}

async function shownAsMade(session: StatementSession, what: string, field: string, name: string): Promise<ShownProgram> {
  const [shown] = await session.query<Shown>(`SHOW CREATE ${what}`);
  const text = definitionIn(shown, field, name);
  const client = shown?.['character_set_client'] ?? '';
  if (client === '' || /^utf8/.test(client)) return { ...(await showCreate(session, what, field, name)), bytes: null };
  if (!text.includes('?') && Buffer.byteLength(text) === text.length) return { shown: shown ?? {}, text, bytes: null };
  const bytes = await bytesOf(session, what, field);
  if (bytes === null) return { shown: shown ?? {}, text, bytes };
  const inClient = new Map<string, Buffer>();
  for (const utf8Name of namesInUtf8(bytes)) {
    const [row] = await session.query<{ name: string }>(`SELECT HEX(CONVERT(${quoteString(utf8Name)} USING ${client})) AS name`);
    inClient.set(utf8Name, Buffer.from(row?.name ?? '', 'hex'));
  }
  return { shown: shown ?? {}, text, bytes: withNames(bytes, inClient) };
}

/** Words that a statement in a program's body may begin with, of those that may hold a name or a comment in quotes of their own. */
const bodyBegins = [
  'ROW', 'DO', 'BEGIN', 'RETURN', 'SELECT', 'SET', 'CREATE', 'ALTER', 'CALL', 'IF', 'CASE', 'LOOP', 'WHILE', 'REPEAT', 'INSERT', 'UPDATE', 'DELETE', 'REPLACE',
];

/** What stands before the body of a program, without blanks: the server writes it anew, and the body is as it was written. */
function headOf(text: string): readonly SqlToken[] {
  const tokens = tokensIn(text).filter(isSignificant);
  const end = tokens.findIndex(({ kind, text: word }, at) => {
    if (at === 0 || kind !== 'word' || !bodyBegins.includes(word.toUpperCase())) return false;
    const next = tokens[at + 1]?.text.toUpperCase();
    // CHARACTER SET, and the type SET('a'). BEFORE INSERT ON.
    if (word.toUpperCase() === 'SET') return tokens[at - 1]?.text.toUpperCase() !== 'CHARACTER' && next !== '(';
    return next !== 'ON';
  });
  return end === -1 ? tokens : tokens.slice(0, end);
}

const charsetWords = ['CHARSET', 'CHARACTER', 'COLLATE', 'ASCII', 'UNICODE', 'BYTE', 'BINARY', 'NATIONAL', 'NCHAR', 'NVARCHAR'];

/** Places, from 1, of the parameters of a routine's definition that name no character set; none where it is of an unknown form. */
export function parametersWithoutCharset(definition: string): ReadonlySet<number> {
  const head = headOf(definition);
  const places = new Set<number>();
  let depth = 0;
  let place = 0;
  let names = false;
  const end = (): void => {
    place += 1;
    if (!names) places.add(place);
    names = false;
  };
  for (const [at, { kind, text }] of head.entries()) {
    if (text === '(') depth += 1;
    else if (text === ')' && depth > 0) {
      depth -= 1;
      if (depth > 0) continue;
      if (head[at - 1]?.text !== '(') end();
      return places;
    } else if (text === ',' && depth === 1) end();
    else if (depth === 1 && kind === 'word' && charsetWords.includes(text.toUpperCase()) && !isParameterName(head, at)) names = true;
  }
  return new Set();
}

/** The first word of a parameter, but for its direction, is its name. */
function isParameterName(head: readonly SqlToken[], at: number): boolean {
  const before = head[at - 1]?.text.toUpperCase() ?? '';
  return before === '(' || before === ',' || (['IN', 'OUT', 'INOUT'].includes(before) && ['(', ','].includes(head[at - 2]?.text ?? ''));
}

/** Names and the comment in a program's head that are in UTF-8: the server writes those as it keeps them, before a body in another character set. */
function utf8Names(bytes: Uint8Array): readonly SqlToken[] {
  const head = headOf(Buffer.from(bytes).toString('latin1'));
  return head.filter(({ kind, text }, at) =>
    // Under ANSI_QUOTES names stand in double quotes; what else is quoted there is in single ones.
    (kind === 'name' || (kind === 'string' && (text.startsWith('"') || head[at - 1]?.text === 'COMMENT'))) && /[\x80-\xff]/.test(text) && textOf(Buffer.from(text, 'latin1')) !== null);
}

function namesInUtf8(bytes: Uint8Array): readonly string[] {
  return [...new Set(utf8Names(bytes).map(({ text }) => Buffer.from(text, 'latin1').toString('utf8')))];
}

function withNames(bytes: Uint8Array, inClient: ReadonlyMap<string, Buffer>): Uint8Array {
  const all = Buffer.from(bytes);
  const parts: Buffer[] = [];
  let from = 0;
  for (const { at, text } of utf8Names(bytes)) {
    const name = Buffer.from(text, 'latin1');
    parts.push(all.subarray(from, at), inClient.get(name.toString('utf8')) ?? name);
    from = at + name.length;
  }
  return Buffer.concat([...parts, all.subarray(from)]);
}

/**
 * A program's definition with its comment as its own mode reads it: servers print a backslash in it twice, also where the program's mode
 * is NO_BACKSLASH_ESCAPES, which reads that as two.
 */
export function commentForMode(text: string, mode: string): string {
  if (!mode.split(',').includes('NO_BACKSLASH_ESCAPES')) return text;
  const comment = headOf(text).find((token, at, head) => token.kind === 'string' && head[at - 1]?.text === 'COMMENT');
  if (comment === undefined) return text;
  return `${text.slice(0, comment.at)}'${valueOfToken(comment).replaceAll("'", "''")}'${text.slice(comment.at + comment.text.length)}`;
}

/** A definition as the server keeps it; null where it is not told as bytes. */
async function bytesOf(session: StatementSession, what: string, field: string): Promise<Uint8Array | null> {
  try {
    await session.run('SET SESSION character_set_results = binary');
    const [raw] = await session.query<Readonly<Record<string, Uint8Array | string | null>>>(`SHOW CREATE ${what}`);
    const bytes = raw?.[field];
    return bytes instanceof Uint8Array ? bytes : null;
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
