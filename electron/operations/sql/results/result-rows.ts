import {
  longestCell, longestSeen, mostCharacters, mostResults, mostRows, type LiveResult, type ResultSet, type ResultTable, type SqlColumn, type SqlRow,
} from '../../../../shared/domain/operations/sql/run';
import type { KnownProgress } from '../../../../shared/domain/operations/sql/session';
import { cellOf, textOf } from '../values';
import type { RawRow } from './row-bytes';
import type { RowsFile } from './rows-file';
import type { ResultStore } from './store';

/** Where the rows of one result go. */
export interface RowSink {
  /** false: it is not kept, and none after it. */
  add(row: RawRow): boolean | Promise<boolean>;
  /** `isWhole`: the server has no more of them. */
  end(isWhole: boolean): Promise<void>;
  /** The result as it is now. */
  readonly result: ResultSet;
}

/** The rows that begin a report of what is kept in a file. */
const firstRows = 100;

/** Where the rows of a run go: into its report, within its bounds, or into files, of which the report holds the beginning. */
export class ResultRows {
  readonly #live: { readonly line: number; readonly sink: RowSink }[] = [];
  #line = 0;
  #characters: number;
  readonly #window: number;

  /** `store` null: into the report. */
  constructor(private readonly rows: number, private readonly store: ResultStore | null, characters = mostCharacters) {
    this.#characters = characters;
    this.#window = store?.window ?? 0;
  }

  /** What comes is of the statement on that line. */
  statement(line: number): void {
    this.#line = line;
  }

  /** The line of the statement that runs, or ran last. */
  get line(): number {
    return this.#line;
  }

  /** null: there are as many results as are kept of a run. */
  begin(columns: readonly SqlColumn[], table: ResultTable | null): RowSink | null {
    if (this.#live.length >= mostResults) return null;
    const take = (characters: number): number => (this.#characters -= characters);
    const sink = this.store === null
      ? new ReportSink(columns, table, Math.min(this.rows, mostRows), take)
      : new FileSink(columns, table, this.store.begin(columns, table, this.rows, this.#window), take);
    this.#live.push({ line: this.#line, sink });
    return sink;
  }

  /** The results that there are by now. */
  get live(): readonly LiveResult[] {
    return this.#live.map(({ line, sink }) => ({ line, result: sink.result }));
  }

  /** The results from a known one on, of which the rows that are known are left out: no row is told twice. */
  liveFrom({ result: known, row }: KnownProgress): readonly LiveResult[] {
    const told = ({ line, sink: { result } }: { readonly line: number; readonly sink: RowSink }, at: number): LiveResult => (
      { line, result: at === 0 ? { ...result, rows: result.rows.slice(row) } : result }
    );
    return this.#live.slice(known).map(told);
  }

  /** Lets go of what nobody will be told of. */
  async release(): Promise<void> {
    await this.store?.release(this.live.flatMap(({ result }) => result.kept?.id ?? []));
  }
}

/** `take`: takes so many characters of those that a run may tell; how many are left. */
class ReportSink implements RowSink {
  readonly #rows: SqlRow[] = [];
  #more = false;
  #cut = 0;

  constructor(
    private readonly columns: readonly SqlColumn[],
    private readonly table: ResultTable | null,
    private readonly most: number,
    private readonly take: (characters: number) => number,
  ) {}

  get result(): ResultSet {
    return { columns: this.columns, table: this.table, rows: this.#rows, more: this.#more, cut: this.#cut, kept: null };
  }

  add(row: RawRow): boolean {
    if (this.#more || this.#rows.length >= this.most || this.take(0) < longestCell) {
      this.#more = true;
      return false;
    }
    this.#rows.push(row.map((value, at) => {
      const { text, isCut } = cellOf(value, this.columns[at] ?? { name: '', type: 'BLOB' });
      this.take(text?.length ?? 0);
      if (isCut) this.#cut += 1;
      return text;
    }));
    return true;
  }

  async end(): Promise<void> {
    await Promise.resolve();
  }
}

class FileSink implements RowSink {
  readonly #first: SqlRow[] = [];

  constructor(
    private readonly columns: readonly SqlColumn[],
    private readonly table: ResultTable | null,
    private readonly file: RowsFile,
    private readonly take: (characters: number) => number,
  ) {}

  get result(): ResultSet {
    const { kept } = this.file;
    return { columns: this.columns, table: this.table, rows: this.#first, more: kept.stopped !== null, cut: 0, kept };
  }

  add(row: RawRow): boolean | Promise<boolean> {
    if (this.#first.length < firstRows && this.file.rows < firstRows && this.take(0) > 0) this.#first.push(row.map((value, at) => this.#begins(value, at)));
    return this.file.add(row);
  }

  async end(isWhole: boolean): Promise<void> {
    await this.file.end(isWhole);
  }

  #begins(value: Buffer | null, at: number): string | null {
    if (value === null) return null;
    const text = textOf(value.subarray(0, longestSeen), this.columns[at] ?? { type: 'BLOB' }, value.length > longestSeen);
    this.take(text.length);
    return text;
  }
}
