import type { ImportFile } from '../../../shared/domain/operations/import/plan';
import { ImportJudge, type JudgeOptions } from '../../../shared/domain/operations/import/judge';
import { StatementScanner } from '../../../shared/domain/operations/import/scanner';
import type { RefusedReason, Verdict } from '../../../shared/domain/operations/import/verdict';
import { plainBytes } from './source';

/** One statement of a file with what becomes of it. */
export interface FileStatement {
  /** Its bytes, one to a character; of one that is too long the first ones. */
  readonly text: string;
  readonly verdict: Verdict;
  readonly at: number;
  readonly end: number;
  readonly line: number;
  /** How much of the file has been read for it. */
  readonly stored: number;
}

export interface ReadOptions extends JudgeOptions {
  /** Most bytes that the server takes as one statement. */
  readonly longest: number;
}

/** A text whose characters are bytes cannot be longer here. */
const longestText = 256 * 1024 * 1024;

/** The statements of a file in their order, each judged by what stands before it. `onBytes`: told all plain bytes. Throws as `plainBytes`. */
export async function* statementsIn(
  file: ImportFile, options: ReadOptions, signal: AbortSignal | undefined, onBytes?: (bytes: Uint8Array) => void,
): AsyncGenerator<FileStatement> {
  const judge = new ImportJudge(options);
  const scanner = new StatementScanner(options.reading, Math.min(options.longest, longestText));
  scanner.modes = judge.modes;
  let stored = 0;
  const next = (): FileStatement | null => {
    const found = scanner.next();
    if (found === null) return null;
    const { bytes, at, end, line } = found;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
    const why: RefusedReason | null = !found.whole ? 'too-long' : !found.closed ? 'unclosed' : null;
    const verdict: Verdict = why === null ? judge.judge(text, found.literal) : { act: 'refuse', why };
    scanner.modes = judge.modes;
    return { text, verdict, at, end, line, stored };
  };
  for await (const piece of plainBytes(file, signal)) {
    ({ stored } = piece);
    onBytes?.(piece.bytes);
    scanner.push(piece.bytes);
    for (let one = next(); one !== null; one = next()) yield one;
  }
  scanner.finish();
  for (let one = next(); one !== null; one = next()) yield one;
  const { problem, position } = scanner;
  if (problem !== null) yield { text: 'DELIMITER', verdict: { act: 'refuse', why: 'delimiter' }, at: position, end: position, line: problem, stored };
}
