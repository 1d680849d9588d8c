// What the server refused of a file that goes on after it, and what is not sent therefore.
import { basename } from 'node:path';
import { mostErrors } from '../../../shared/domain/operations/import/plan';
import type { ObjectName, Sent } from '../../../shared/domain/operations/import/verdict';
import { failure } from '../../../shared/errors/codes';
import type { StepContext } from '../../tasks/types';
import type { Refused } from './applier';
import { brokenKey, errorsKey } from './input';
import { placed } from './placed';
import { shownStatement } from './scan';
import type { FileStatement } from './statements';

const keyOf = ({ database, table }: ObjectName): string => JSON.stringify([database, table]);

/** The refusals of one import, as its journal keeps them. */
export class Collected {
  /** Of what a definition was refused, by name. */
  readonly #broken: Map<string, ObjectName>;
  readonly #told: Map<string, ObjectName>;
  #last: number;

  constructor(private readonly step: Pick<StepContext, 'recall' | 'remember' | 'log'>) {
    const { objects, told } = step.recall(brokenKey) ?? { objects: [], told: [] };
    this.#broken = new Map(objects.map((object) => [keyOf(object), object]));
    this.#told = new Map(told.map((object) => [keyOf(object), object]));
    this.#last = step.recall(errorsKey)?.last ?? -1;
  }

  /**
   * Whether a statement is not sent: it was refused before, and told, or it is about something of which a definition was refused: what it would come to is
   * not what the file means. Says so once for each of those.
   */
  async leavesOut({ at, line, part }: FileStatement, { touches }: Sent): Promise<boolean> {
    if (this.#last === at) return true;
    if (this.#broken.size === 0) return false;
    const broken = touches.flatMap((object) => [this.#broken.get(keyOf(object)), this.#broken.get(keyOf({ ...object, table: null }))])
      .find((object) => object !== undefined);
    if (broken === undefined) return false;
    if (!this.#told.has(keyOf(broken))) {
      const name = broken.table === null ? broken.database : `${broken.database}.${broken.table}`;
      this.step.log('warning', ...placed('import.log.depends', { line, name }, part));
      this.#told.set(keyOf(broken), broken);
      await this.#keep();
    }
    return true;
  }

  /** Keeps a refusal, before anything behind it is sent. */
  async add({ statement, reason }: Refused, { kind, touches }: Sent): Promise<void> {
    const { step } = this;
    const { line, at } = statement;
    if (kind === 'definition') {
      for (const object of touches) this.#broken.set(keyOf(object), object);
      await this.#keep();
    }
    const { count, first } = step.recall(errorsKey) ?? { count: 0, first: [] };
    const failed = { line, at, statement: shownStatement(statement), errno: reason.errno, detail: reason.error.detail ?? reason.error.code };
    if (first.length < mostErrors) step.log('warning', 'import.log.refused', failed);
    await step.remember(errorsKey, { count: count + 1, first: first.length < mostErrors ? [...first, failed] : first, last: at });
    this.#last = at;
  }

  #keep(): Promise<void> {
    return this.step.remember(brokenKey, { objects: [...this.#broken.values()], told: [...this.#told.values()] });
  }

  /** All of it was sent; where some of it was refused this is no success. Throws Failure `import-collected`. */
  told({ file, name }: { readonly file: { readonly path: string }; readonly name: string }): void {
    const { count, first } = this.step.recall(errorsKey) ?? { count: 0, first: [] };
    if (count === 0) return;
    throw failure('import-collected', { file: basename(file.path), count, line: first[0]?.line ?? 0, skipped: this.#told.size }, { server: name });
  }
}
