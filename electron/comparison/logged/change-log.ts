import { join } from 'node:path';
import type { ChangeSink, SpilledChange } from './collect';
import { LineFile } from './spill';

/** What is read at once, as long as it is more than one line. */
const bytesAtOnce = 256 * 1024;
const linesAtOnce = 500;

/** Changes of rows in the order of the log: memory holds the place of each in a file. */
export class ChangeLog implements ChangeSink {
  readonly isInOrder = true;
  readonly #file: LineFile;
  readonly #offsets: number[] = [];

  constructor(folder: string) {
    this.#file = new LineFile(join(folder, 'in-order'));
  }

  append(_identity: string, change: SpilledChange): void {
    this.#offsets.push(this.#file.append(change));
  }

  get count(): number {
    return this.#offsets.length;
  }

  /** About how many bytes they take: where the last of them begins. */
  get bytes(): number {
    return this.#offsets.at(-1) ?? 0;
  }

  *newestFirst(): Generator<SpilledChange> {
    this.#file.flush();
    for (let until = this.#offsets.length; until > 0;) {
      const end = this.#offsets[until] ?? this.#file.size;
      let from = until - 1;
      while (from > 0 && until - from < linesAtOnce && end - (this.#offsets[from - 1] as number) <= bytesAtOnce) from--;
      yield* this.#file.linesBetween<SpilledChange>(this.#offsets.slice(from, until), end).toReversed();
      until = from;
    }
  }

  *oldestFirst(): Generator<SpilledChange> {
    this.#file.flush();
    for (let from = 0; from < this.#offsets.length;) {
      let until = from + 1;
      const begin = this.#offsets[from] as number;
      while (until < this.#offsets.length && until - from < linesAtOnce && (this.#offsets[until] as number) - begin <= bytesAtOnce) until++;
      yield* this.#file.linesBetween<SpilledChange>(this.#offsets.slice(from, until), this.#offsets[until] ?? this.#file.size);
      from = until;
    }
  }

  close(): void {
    this.#file.close();
  }
}
