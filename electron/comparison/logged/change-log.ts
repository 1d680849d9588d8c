import { join } from 'node:path';
import type { ChangeSink, SpilledChange } from './collect';
import { LineFile } from './spill';

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
    for (let i = this.#offsets.length - 1; i >= 0; i--) yield this.#file.lineAt<SpilledChange>(this.#offsets[i] as number);
  }

  *oldestFirst(): Generator<SpilledChange> {
    this.#file.flush();
    for (const at of this.#offsets) yield this.#file.lineAt<SpilledChange>(at);
  }

  close(): void {
    this.#file.close();
  }
}
