// What a server makes of comments, compared with what they are taken for: the same statement with them and without.
import { executedText, isSameWithoutComments } from '../../shared/domain/operations/sql/executed';
import { isSignificant, tokensIn, type SqlModes } from '../../shared/domain/sql/tokens';
import type { TestServer } from '../fixtures/servers';
import { numbers } from './random-statements';

const begins = ['/*', '/*!', '/*!99999', '/*!50000 ', '/*M!', '/*+', '/*!099999 ', '/*!500001', '/*!050000 '];
const marks = ['*/', '--', ' ', "'", '"', '`', '+1', '+10', '\n', '#', '-', '*', '/', '\\', 'a', '+(1', ')', ',1'];
const modes: readonly [string, SqlModes][] = [['', {}], ['ANSI_QUOTES', { ansiQuotes: true }], ['NO_BACKSLASH_ESCAPES', { noBackslashEscapes: true }]];

/** Statements that the server takes and answers otherwise than what is left of them without their comments; random, and the same each time. */
export async function oddities(server: TestServer, count: number): Promise<readonly string[]> {
  const connection = await server.connect();
  const next = numbers(7);
  const number = (most: number): number => Math.floor(next() * most);
  const pick = (items: readonly string[]): string => items[number(items.length)] ?? '';
  const piece = (depth: number): string => (number(3) > 0 || depth > 3 ? pick(marks)
    : `${pick(begins)}${Array.from({ length: number(4) }, () => piece(depth + 1)).join('')}${number(10) === 0 ? '' : '*/'}`);
  const ask = async (sql: string): Promise<string | null> =>
    connection.query({ sql, rowsAsArray: true }).then(([rows]) => JSON.stringify(rows), () => null);
  const version = Number((await server.scalar('SELECT VERSION()'))?.split(/[.-]/).slice(0, 3).reduce((all, part) => all * 100 + Number(part), 0));
  const found: string[] = [];
  try {
    for (const [mode, how] of modes) {
      await ask(`SET sql_mode = '${mode}'`);
      for (let at = 0; at < count / modes.length; at += 1) {
        const sql = `SELECT 1${Array.from({ length: 1 + number(5) }, () => piece(0)).join('')}`;
        const readings = ([5, 6] as const).map((digits) => executedText(sql, how, { executes: (wanted) => wanted <= version, digits }));
        if (readings.some((one) => !one.closed || !one.certain || one.sixDigits > 1 || !isSameWithoutComments(one, how))) continue;
        const answer = await ask(sql);
        const bare = readings.map(({ text }) => tokensIn(text, how).filter(isSignificant).map((token) => token.text).join(' '));
        if (answer !== null && !(await Promise.all(bare.map(ask))).includes(answer)) found.push(`${mode} ${sql}`);
      }
    }
    return found;
  } finally {
    await connection.end();
  }
}
