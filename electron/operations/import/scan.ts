import { createHash } from 'node:crypto';
import { folding } from '../../../shared/domain/checks/coverage';
import { fromBytes } from '../../../shared/domain/operations/import/names';
import { mostNamed, type FileScan, type FoundHarm, type ImportFile, type NamedStatement, type Reached } from '../../../shared/domain/operations/import/plan';
import {
  decidesForLater, harms, type CreatedObject, type Harm, type LeftOutReason, type ObjectName, type Sent,
} from '../../../shared/domain/operations/import/verdict';
import { withoutLiterals } from '../../mysql/statement';
import { statementsIn, type FileStatement, type ReadOptions } from './statements';

const shownBytes = 2_000;

/** A statement as plans, journals and errors show it. */
export function shownStatement(text: string): string {
  return withoutLiterals(fromBytes(text.slice(0, shownBytes)));
}

const named = ({ text, at, line }: FileStatement): NamedStatement => ({ line, at, statement: shownStatement(text) });
const keyOf = ({ database, table }: ObjectName): string => JSON.stringify([database, table]);
/** Tables and views share their names, and each kind of program has its own, whose letters' case does not count. */
export const nameKey = ({ kind, database, table }: CreatedObject): string =>
  (['TABLE', 'VIEW', 'DATABASE'].includes(kind) ? keyOf({ database, table }) : JSON.stringify([kind, database, table?.toLowerCase()]));

/** Reads a whole file and says what it holds from a place on. Throws as `plainBytes`. */
export async function scanFile(file: ImportFile, options: ReadOptions, fromByte: number, signal: AbortSignal | undefined): Promise<FileScan> {
  const scan = new Scan(options.target === null ? null : folding(options.lowerCase)(options.target));
  let [end, last] = [0, 1];
  const edges = new DumpEdges();
  const hash = createHash('sha256');
  const look = (bytes: Uint8Array): void => {
    edges.take(bytes);
    hash.update(bytes);
  };
  for await (const one of statementsIn(file, options, signal, look)) {
    [end, last] = [one.end, one.line];
    if (one.end > fromByte || decidesForLater(one.verdict)) scan.take(one, fromByte);
  }
  return { ...scan.told(), plainBytes: end, lines: last, complete: edges.isWhole, hash: hash.digest('hex') };
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
  readonly #dropped = new Set<string>();
  readonly #made = new Set<string>();
  readonly #creates = new Map<string, CreatedObject>();
  readonly #remade = new Set<string>();
  readonly #passing = new Map<string, ObjectName>();
  readonly #definers = new Set<string>();
  readonly #harms = new Map<Harm, FoundHarm & { count: number; readonly names: Map<string, ObjectName> }>();
  readonly #reached = new Map<string, Reached & { count: number }>();
  /** Databases that are named within statements, each with the first one of them. */
  readonly #within = new Map<string, FileStatement>();

  constructor(target: string | null) {
    if (target !== null) this.#databases.add(target);
  }

  take(one: FileStatement, fromByte: number): void {
    const { verdict } = one;
    this.#statements += 1;
    if (one.at < fromByte) {
      // It would be cut in two, or what is behind it would not be what the file means.
      this.#refuse(one, verdict.act === 'refuse' ? verdict.why : 'not-understood');
      return;
    }
    switch (verdict.act) {
      case 'send':
        this.#harm(one, verdict);
        this.#reach(one, verdict);
        this.#sent(one, verdict);
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

  #harm(one: FileStatement, { harm, touches }: Sent): void {
    if (harm === null) return;
    const known = this.#harms.get(harm) ?? { ...named(one), why: harm, count: 0, objects: [], names: new Map<string, ObjectName>() };
    known.count += 1;
    for (const object of touches) if (known.names.size < mostNamed) known.names.set(keyOf(object), object);
    this.#harms.set(harm, known);
  }

  #reach(one: FileStatement, { reach }: Sent): void {
    for (const object of reach?.objects ?? []) {
      const way = reach?.way ?? 'drops';
      const key = JSON.stringify([way, object.kind, object.database, object.table]);
      const known = this.#reached.get(key);
      if (known === undefined) this.#reached.set(key, { ...named(one), ...object, way, count: 1 });
      else known.count += 1;
    }
  }

  #sent(one: FileStatement, { kind, object, touches, reach, makes, creates, passes, within, definer }: Sent): void {
    if (kind === 'rows') this.#rowStatements += 1;
    if (object !== null) this.#databases.add(object.database);
    if (definer !== null) this.#definers.add(definer);
    if (passes && object !== null) this.#passing.set(keyOf(object), object);
    for (const name of within) if (!this.#within.has(name)) this.#within.set(name, { ...one, text: one.text.slice(0, shownBytes) });
    if (reach?.way === 'drops') for (const dropped of reach.objects) this.#drops(nameKey(dropped));
    if (makes !== null) this.#made.add(nameKey(makes));
    if (creates === null) return;
    // A trigger goes with its table.
    const [, ofTrigger] = creates.kind === 'TRIGGER' ? touches : [];
    const before = [nameKey(creates), keyOf({ ...creates, table: null }), ...(ofTrigger === undefined ? [] : [keyOf(ofTrigger)])];
    if (!before.some((key) => this.#dropped.has(key))) this.#creates.set(nameKey(creates), creates);
  }

  #drops(key: string): void {
    this.#dropped.add(key);
    if (this.#made.has(key)) this.#remade.add(key);
  }

  told(): Omit<FileScan, 'plainBytes' | 'lines' | 'complete' | 'hash'> {
    // A view or a program of a database that the file does not go into is another's to make.
    for (const [name, one] of this.#within) if (!this.#databases.has(name)) this.#refuse(one, 'outside');
    return {
      statements: this.#statements, rowStatements: this.#rowStatements, leftOut: [...this.#leftOut.values()],
      refused: this.#refused, refusedCount: this.#refusedCount, databases: [...this.#databases], otherDatabases: [...this.#others],
      creates: [...this.#creates.values()], definers: [...this.#definers], passing: [...this.#passing.values()], reached: [...this.#reached.values()],
      remade: [...this.#remade],
      harms: harms.flatMap((why) => this.#harms.get(why) ?? []).map(({ names, ...harm }) => ({ ...harm, objects: [...names.values()] })),
    };
  }
}
