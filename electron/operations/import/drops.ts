// What a file takes away is what the word was given for, what is not there, or what this import made itself: looked at again just before each.
import type { CreatedObject, Sent } from '../../../shared/domain/operations/import/verdict';
import { failure } from '../../../shared/errors/codes';
import type { LiveSession } from '../../mysql/types';
import type { StepContext } from '../../tasks/types';
import { shownName } from './folder';
import { madeKey, type ImportInput } from './input';
import { nameKey } from './scan';
import type { FileStatement } from './statements';
import { hexOf } from './values';

/** Stands before each statement of a run that takes something away. */
export class Drops {
  readonly #confirmed: ReadonlySet<string>;
  /** What the file makes and takes away behind that. */
  readonly #remade: ReadonlySet<string>;
  readonly #made: Set<string>;

  constructor(private readonly input: Pick<ImportInput, 'file' | 'confirmed' | 'remade'>, private readonly step: Pick<StepContext, 'recall' | 'remember'>) {
    this.#confirmed = new Set(input.confirmed ?? []);
    this.#remade = new Set(input.remade ?? []);
    this.#made = new Set(step.recall(madeKey) ?? []);
  }

  /**
   * Before a statement is sent. Since the plan was read, somebody else may have made what it takes away, most of all while an import lay half-way there.
   *
   * @throws Failure `plan-outdated`
   */
  async check(session: Pick<LiveSession, 'query'>, { line, part }: FileStatement, { reach, makes, creates }: Sent): Promise<void> {
    for (const object of reach?.way === 'drops' ? reach.objects : []) {
      if (this.#isOurs(object) || !(await isThere(session, object))) continue;
      throw failure('plan-outdated', { what: `${shownName(this.input.file, part)} · ${String(line)} · ${object.table ?? object.database}` });
    }
    if (makes === null || this.#isOurs(makes) || !this.#remade.has(nameKey(makes))) return;
    // With IF NOT EXISTS it may be somebody else's.
    if (creates === null && (await isThere(session, makes))) return;
    this.#made.add(nameKey(makes));
    await this.step.remember(madeKey, [...this.#made]);
  }

  #isOurs(object: CreatedObject): boolean {
    return this.#confirmed.has(nameKey(object)) || this.#made.has(nameKey(object));
  }
}

/** Whatever the session's character set and modes are. */
async function isThere(session: Pick<LiveSession, 'query'>, { kind, database, table }: CreatedObject): Promise<boolean> {
  const [where, what] = [hexOf(database), hexOf(table ?? '')];
  const from = {
    DATABASE: `SCHEMATA WHERE SCHEMA_NAME = ${where}`,
    TABLE: `TABLES WHERE TABLE_SCHEMA = ${where} AND TABLE_NAME = ${what}`,
    TRIGGER: `TRIGGERS WHERE TRIGGER_SCHEMA = ${where} AND TRIGGER_NAME = ${what}`,
    EVENT: `EVENTS WHERE EVENT_SCHEMA = ${where} AND EVENT_NAME = ${what}`,
    ROUTINE: `ROUTINES WHERE ROUTINE_SCHEMA = ${where} AND ROUTINE_NAME = ${what}`,
  }[table === null ? 'DATABASE' : kind === 'VIEW' || kind === 'TABLE' ? 'TABLE' : kind === 'TRIGGER' || kind === 'EVENT' ? kind : 'ROUTINE'];
  const isRoutine = kind === 'PROCEDURE' || kind === 'FUNCTION';
  const rows = await session.query(`SELECT 1 FROM information_schema.${from}${isRoutine ? ` AND ROUTINE_TYPE = '${kind}'` : ''} LIMIT 1`);
  return rows.length > 0;
}
