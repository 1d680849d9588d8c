// Rows on their way into a file, and out of one.
import { frameBytes, type RowSink } from '../../mysql/rows/row-sinks';
import type { RowTaker } from '../../mysql/rows/bulk';
import { insertForm, loadForm, type ValueKind } from '../../mysql/rows/row-form';
import { failure } from '../../../shared/errors/codes';
import type { FrameWriter } from './frames';

/** The text of rows in a file: lines that LOAD DATA reads, or statements that insert them. */
export type FileText = { readonly kind: 'lines' } | { readonly kind: 'statements'; readonly statement: string; readonly batchBytes: number };

/** Takes the rows of a transfer into a file. */
export function fileTaker(text: FileText, values: readonly ValueKind[], create: () => Promise<FrameWriter>): RowTaker {
  const lines = text.kind === 'lines';
  return {
    sink: new FileSink(create, lines ? null : statementEnd),
    form: lines ? loadForm(values) : insertForm(text.statement, values),
    limits: { batchBytes: lines ? Infinity : text.batchBytes, mostBytes: Infinity },
    tooLong: (bytes) => failure('internal', { detail: `a row of ${bytes} bytes in a file without a limit` }),
  };
}

const statementEnd = Buffer.from(';\n', 'latin1');

/** Opens the file with its first row: a table without rows has none. */
class FileSink implements RowSink {
  private begins = false;
  private open: FrameWriter | null = null;

  /** @param after what ends a batch; null: nothing, and its first byte is of the rows too */
  constructor(private readonly create: () => Promise<FrameWriter>, private readonly after: Buffer | null) {}

  async begin(): Promise<void> {
    this.begins = this.after !== null;
    this.open ??= await this.create();
  }

  private get writer(): FrameWriter {
    if (this.open === null) throw failure('internal', { detail: 'rows before their file' });
    return this.open;
  }

  piece(buffer: Buffer): Buffer | null {
    // A statement begins with the byte of its command, which is the protocol's.
    this.writer.add(buffer.subarray(frameBytes + (this.begins ? 1 : 0)));
    this.begins = false;
    return Buffer.from(buffer.buffer);
  }

  async drained(): Promise<void> {
    await this.open?.drained();
  }

  async end(): Promise<void> {
    if (this.after !== null) this.writer.add(this.after);
    await this.writer.drained();
  }

  async settled(): Promise<void> {
    await this.open?.drained();
  }

  release(): void {
    // The file is closed by whoever opened it.
  }
}

const [newline, backslash, quote, backtick, semicolon] = [0x0a, 0x5c, 0x27, 0x60, 0x3b] as const;

/** Cuts a stream of lines, as {@link loadForm} writes them, after whole rows. */
export class LineCutter {
  /** Rows that have gone by. */
  rows = 0;
  /** The last byte was a backslash that stands for the next one. */
  private escaped = false;

  /** The place behind the last row that ends in these bytes; 0: none does. */
  feed(bytes: Uint8Array): number {
    let end = 0;
    let at = this.escaped ? 1 : 0;
    let escape = indexOf(bytes, backslash, at);
    for (;;) {
      const next = indexOf(bytes, newline, at);
      while (escape < next) {
        at = escape + 2;
        escape = indexOf(bytes, backslash, at);
        if (at > next) break;
      }
      if (at > next && next < bytes.length) continue;
      if (next === bytes.length) {
        this.escaped = at > bytes.length;
        return end;
      }
      at = next + 1;
      end = at;
      this.rows += 1;
    }
  }
}

function indexOf(bytes: Uint8Array, byte: number, from: number): number {
  const at = from >= bytes.length ? -1 : bytes.indexOf(byte, from);
  return at === -1 ? bytes.length : at;
}

/** Cuts a stream of statements, as {@link insertForm} writes them, at their ends. */
export class StatementCutter {
  private open = 0;

  /** The places of the semicolons that end a statement in these bytes. */
  feed(bytes: Uint8Array): readonly number[] {
    const ends: number[] = [];
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at];
      if (this.open === backslash) this.open = quote;
      else if (this.open === quote && byte === backslash) this.open = backslash;
      else if (this.open !== 0) {
        if (byte === this.open) this.open = 0;
      } else if (byte === quote || byte === backtick) this.open = byte;
      else if (byte === semicolon) ends.push(at);
    }
    return ends;
  }
}
