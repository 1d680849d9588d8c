// The rows of a file that a LOAD DATA of mydumper's names, as statements of rows: LOCAL INFILE stays off, and what the server says of a row is no mere warning.
import type { LoadTerms } from '../../../shared/domain/operations/import/load';
import { RecordSplitter, type RawField, type RawRecord } from '../../../shared/domain/operations/import/rows/splitter';
import type { Verdict } from '../../../shared/domain/operations/import/verdict';

/** Of one statement, as the server gets it. */
const mostBytes = 512 * 1024;
const mostRows = 2_000;

/** Where the rows go, and how. */
export interface Loading {
  readonly terms: LoadTerms;
  /** Of each statement of rows. */
  readonly verdict: Verdict;
  /** How a text stands in a statement: with its character set before it, one byte to a character. */
  readonly literal: (characters: string, text: string) => string;
  /** Most bytes that the server takes as one statement. */
  readonly longest: number;
  /** Where the first byte of the file stands in all of them, and where one statement is to end and another to begin. */
  readonly base: number;
  readonly from: number;
}

/** Rows as one statement, and where they stand. */
interface LoadedStatement {
  readonly text: string;
  readonly verdict: Verdict;
  readonly at: number;
  readonly end: number;
  readonly line: number;
  readonly rows: number;
}

/** The statement up to its rows. */
export function headOfLoaded({ verb, table, columns }: LoadTerms): string {
  return `${verb} INTO ${table} (${columns.map(({ name }) => name).join(',')}) VALUES `;
}

const word = Buffer.from('NULL');

/** Rows that become one statement. */
interface Batch {
  readonly first: RawRecord;
  last: RawRecord;
  count: number;
  text: string;
}

/** Takes the bytes of such a file and gives statements. */
export class LoadedRows {
  readonly #splitter: RecordSplitter;
  readonly #head: string;
  readonly #most: number;
  #batch: Batch | null = null;
  #skipped = 0;

  constructor(private readonly loading: Loading) {
    this.#splitter = new RecordSplitter(loading.terms.form, loading.longest);
    this.#head = headOfLoaded(loading.terms);
    this.#most = Math.min(mostBytes, loading.longest);
  }

  push(bytes: Uint8Array): readonly LoadedStatement[] {
    return this.#all(this.#splitter.push(bytes));
  }

  /** There are no more bytes. */
  end(): readonly LoadedStatement[] {
    return [...this.#all(this.#splitter.end()), ...this.#flush()];
  }

  #all(records: readonly RawRecord[]): readonly LoadedStatement[] {
    return records.flatMap((record) => this.#one(record));
  }

  #one(record: RawRecord): readonly LoadedStatement[] {
    const { terms, base, from, longest } = this.loading;
    if (this.#skipped < terms.skipped && record.why === null) {
      this.#skipped += 1;
      return [];
    }
    const isWhole = record.why === null && record.fields.length === terms.width;
    const row = isWhole ? this.#rowOf(record) : '';
    if (!isWhole || this.#head.length + row.length > longest) {
      const why = isWhole || record.why === 'too-long' ? 'too-long' : 'load-row';
      return [...this.#flush(), this.#statement(record, record, `${this.#head}…`, { act: 'refuse', why }, 1)];
    }
    const batch = this.#batch;
    const isFull = batch !== null
      && (batch.text.length + row.length + 2 > this.#most || batch.count >= mostRows || (base + batch.first.at < from && base + record.at >= from));
    const told = isFull ? this.#flush() : [];
    if (batch === null || isFull) this.#batch = { first: record, last: record, count: 1, text: `${this.#head}${row}` };
    else {
      batch.text += `,\n${row}`;
      batch.last = record;
      batch.count += 1;
    }
    return told;
  }

  #flush(): readonly LoadedStatement[] {
    const batch = this.#batch;
    this.#batch = null;
    return batch === null ? [] : [this.#statement(batch.first, batch.last, batch.text, this.loading.verdict, batch.count)];
  }

  #statement(first: RawRecord, last: RawRecord, text: string, verdict: Verdict, rows: number): LoadedStatement {
    const { base } = this.loading;
    return { text, verdict, at: base + first.at, end: base + last.end, line: first.line, rows };
  }

  #rowOf({ fields }: RawRecord): string {
    const { terms, literal } = this.loading;
    const values = terms.columns.map(({ field, through }) => {
      const one = fields[field];
      if (one === undefined || this.#isNull(one)) return 'NULL';
      const text = Buffer.from(one.bytes.buffer, one.bytes.byteOffset, one.bytes.byteLength).toString('latin1');
      const value = literal(terms.characters, text);
      switch (through) {
        case null:
          return value;
        case 'text':
          return `CONVERT(${value} USING utf8mb4)`;
        case 'hex':
          return `UNHEX(${value})`;
        default:
          return through satisfies never;
      }
    });
    return `(${values.join(',')})`;
  }

  /** As the server takes it: `\N`, and where values may stand in quotes the word without them. */
  #isNull({ bytes, quoted, isNull }: RawField): boolean {
    return isNull || (!quoted && this.loading.terms.form.quote !== null && word.equals(bytes));
  }
}
