import { folding } from '../../../shared/domain/checks/coverage';
import { fromBytes } from '../../../shared/domain/operations/import/names';
import { mostNamed, type FileScan, type ImportFile, type NamedStatement } from '../../../shared/domain/operations/import/plan';
import type { CreatedObject, Harm, LeftOutReason, ObjectName, Sent } from '../../../shared/domain/operations/import/verdict';
import { withoutLiterals } from '../../mysql/statement';
import { statementsIn, type FileStatement, type ReadOptions } from './statements';

const shownBytes = 2_000;

/** A statement as plans, journals and errors show it. */
export function shownStatement(text: string): string {
  return withoutLiterals(fromBytes(text.slice(0, shownBytes)));
}

const named = ({ text, at, line }: FileStatement): NamedStatement => ({ line, at, statement: shownStatement(text) });
const programKey = ({ kind, database, table }: CreatedObject): string => JSON.stringify([kind, database, table?.toLowerCase()]);
const keyOf = ({ database, table }: ObjectName): string => JSON.stringify([database, table]);

/** Reads a whole file and says what it holds from a place on. Throws as `plainBytes`. */
export async function scanFile(file: ImportFile, options: ReadOptions, fromByte: number, signal: AbortSignal | undefined): Promise<FileScan> {
  const scan = new Scan(options.target === null ? null : folding(options.lowerCase)(options.target));
  let [end, last] = [0, 1];
  const edges = new DumpEdges();
  for await (const one of statementsIn(file, options, signal, (bytes) => edges.take(bytes))) {
    [end, last] = [one.end, one.line];
    if (one.end > fromByte) scan.take(one, fromByte);
  }
  return scan.told(end, last, edges.isWhole);
}

const [headBytes, tailBytes] = [200, 400];

/** The beginning and the end of a file: dumps say there what they are, and that they are whole. */
class DumpEdges {
  #head = '';
  #tail = '';

  take(bytes: Uint8Array): void {
    const text = (part: Uint8Array): string => Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString('latin1');
    if (this.#head.length < headBytes) this.#head = `${this.#head}${text(bytes.subarray(0, headBytes))}`.slice(0, headBytes);
    this.#tail = `${this.#tail}${text(bytes.subarray(-tailBytes))}`.slice(-tailBytes);
  }

  get isWhole(): boolean {
    return !/^-- (?:MySQL|MariaDB) dump /m.test(this.#head) || /^-- Dump completed\b/m.test(this.#tail);
  }
}

class Scan {
  #statements = 0;
  #rowStatements = 0;
  #refusedCount = 0;
  readonly #leftOut = new Map<LeftOutReason, NamedStatement & { readonly why: LeftOutReason; count: number }>();
  readonly #refused: FileScan['refused'][number][] = [];
  readonly #databases = new Set<string>();
  readonly #others = new Set<string>();
  readonly #drops = new Map<string, ObjectName>();
  readonly #creates = new Map<string, ObjectName>();
  readonly #made = new Set<string>();
  readonly #definers = new Set<string>();
  readonly #harms = new Map<Harm, NamedStatement & { readonly why: Harm; count: number }>();
  readonly #programs = new Map<string, CreatedObject>();

  constructor(target: string | null) {
    if (target !== null) this.#databases.add(target);
  }

  take(one: FileStatement, fromByte: number): void {
    const { verdict } = one;
    this.#statements += 1;
    if (one.at < fromByte) {
      // It would be cut in two.
      this.#refuse(one, 'not-understood');
      return;
    }
    switch (verdict.act) {
      case 'send':
        this.#harm(one, verdict);
        this.#sent(verdict);
        return;
      case 'leave-out': {
        const known = this.#leftOut.get(verdict.why);
        if (known === undefined) this.#leftOut.set(verdict.why, { ...named(one), why: verdict.why, count: 1 });
        else known.count += 1;
        if (verdict.database !== null) this.#others.add(verdict.database);
        return;
      }
      case 'refuse':
        this.#refuse(one, verdict.why);
        return;
      default:
        verdict satisfies never;
    }
  }

  #refuse(one: FileStatement, why: FileScan['refused'][number]['why']): void {
    this.#refusedCount += 1;
    if (this.#refused.length < mostNamed) this.#refused.push({ ...named(one), why });
  }

  /** What it takes away of what the file made itself is nobody's loss. */
  #harm(one: FileStatement, { harm, object, program }: Sent): void {
    if (program !== null && !this.#made.has(programKey(program))) this.#programs.set(programKey(program), program);
    if (harm === null || (object !== null && this.#made.has(keyOf(object)))) return;
    const known = this.#harms.get(harm);
    if (known === undefined) this.#harms.set(harm, { ...named(one), why: harm, count: 1 });
    else known.count += 1;
  }

  #sent({ kind, object, drops, creates, definer }: Sent): void {
    if (kind === 'rows') this.#rowStatements += 1;
    if (object !== null) this.#databases.add(object.database);
    if (definer !== null) this.#definers.add(definer);
    for (const one of drops) {
      // What the file made itself is nobody's loss.
      if (!this.#made.has(keyOf(one))) this.#drops.set(keyOf(one), one);
      this.#made.delete(keyOf(one));
    }
    if (creates !== null && !['TABLE', 'VIEW', 'DATABASE'].includes(creates.kind)) this.#made.add(programKey(creates));
    if (creates === null || !['TABLE', 'VIEW', 'DATABASE'].includes(creates.kind)) return;
    const { database, table } = creates;
    const whole = keyOf({ database, table: null });
    if (!this.#drops.has(keyOf(creates)) && !this.#drops.has(whole) && !this.#made.has(keyOf(creates))) this.#creates.set(keyOf(creates), { database, table });
    this.#made.add(keyOf(creates));
  }

  told(plainBytes: number, lines: number, complete: boolean): FileScan {
    return {
      plainBytes, lines, statements: this.#statements, rowStatements: this.#rowStatements, leftOut: [...this.#leftOut.values()],
      refused: this.#refused, refusedCount: this.#refusedCount, databases: [...this.#databases], otherDatabases: [...this.#others],
      drops: [...this.#drops.values()], creates: [...this.#creates.values()], definers: [...this.#definers],
      harms: [...this.#harms.values()], programs: [...this.#programs.values()], complete,
    };
  }
}
