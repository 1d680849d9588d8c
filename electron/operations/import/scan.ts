import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { folding } from '../../../shared/domain/checks/coverage';
import { fromBytes } from '../../../shared/domain/operations/import/names';
import { mostNamed, type FileScan, type FoundHarm, type ImportFile, type NamedStatement, type Reached } from '../../../shared/domain/operations/import/plan';
import {
  decidesForLater, harms, type CreatedObject, type Harm, type LeftOutReason, type ObjectName, type Sent,
} from '../../../shared/domain/operations/import/verdict';
import { isSignificant, SqlScanner } from '../../../shared/domain/sql/tokens';
import { withoutLiterals } from '../../mysql/statement';
import { encodingOf } from './rows/detect';
import { statementsIn, type FileStatement, type ReadOptions } from './statements';

const shownBytes = 2_000;

/** A statement as plans, journals and errors show it; of a folder with the file in which it stands. */
export function shownStatement({ text, part, shown: readable = text }: Pick<FileStatement, 'text' | 'part' | 'shown'>): string {
  const shown = withoutLiterals(fromBytes(readable.slice(0, shownBytes)));
  return part === undefined ? shown : `${shown} (${part.name})`;
}

const named = (one: FileStatement): NamedStatement => ({ line: one.line, at: one.at, statement: shownStatement(one) });
const keyOf = ({ database, table }: ObjectName): string => JSON.stringify([database, table]);
/** Tables and views share their names, and each kind of program has its own, whose letters' case does not count. */
export const nameKey = ({ kind, database, table }: CreatedObject): string =>
  (['TABLE', 'VIEW', 'DATABASE'].includes(kind) ? keyOf({ database, table }) : JSON.stringify([kind, database, table?.toLowerCase()]));

/** What a file holds; of a folder with the plain bytes of each of its parts. */
export type ScannedFile = FileScan & {
  readonly partBytes: readonly number[];
  /** Of the tables of a folder, `database.table` as its files are named: how many rows are added; null: a statement does not tell. */
  readonly counted: ReadonlyMap<string, number | null>;
  /** Rows that would take the place of others in tables that the folder makes, were these there already: each table with the first of them. */
  readonly overMade: readonly FoundHarm[];
};

/** Reads a whole file and says what it holds from a place on. Throws as `plainBytes`. */
export async function scanFile(file: ImportFile, options: ReadOptions, fromByte: number, signal: AbortSignal | undefined): Promise<ScannedFile> {
  const scan = new Scan(options.target === null ? null : folding(options.lowerCase)(options.target));
  let [end, last] = [0, 1];
  const edges = new DumpEdges();
  const hash = createHash('sha256');
  const partBytes: number[] = [];
  const onBytes = (bytes: Uint8Array): void => {
    edges.take(bytes);
    hash.update(bytes);
  };
  for await (const one of statementsIn(file, options, signal, { onBytes, onPart: (bytes) => void partBytes.push(bytes), from: fromByte })) {
    [end, last] = [one.end, one.line];
    if (one.assumed === true) scan.look(one);
    if (one.end > fromByte || decidesForLater(one.verdict)) scan.take(one, fromByte);
  }
  const complete = file.folder?.finished ?? edges.isWhole;
  return {
    ...scan.told(), plainBytes: end, lines: last, complete, hash: hash.digest('hex'), partBytes, counted: scan.counted, overMade: [...scan.overMade.values()],
  };
}

/** A statement without what it says to be bytes: `_binary '…'`. */
function withoutBytes(text: string): string {
  const parts: string[] = [];
  const scanner = new SqlScanner(text);
  let isOfBytes = false;
  for (let token = scanner.next(); token !== null; token = scanner.next()) {
    if (!(isOfBytes && token.kind === 'string')) parts.push(token.text);
    if (isSignificant(token)) isOfBytes = /^_binary$/i.test(token.text);
  }
  return parts.join('');
}

/** What is asked about, with rows that take the place of others after all: a table that the folder makes is there already, and stays. */
export function harmsOver({ harms: found, overMade }: Pick<ScannedFile, 'harms' | 'overMade'>, inTheWay: readonly ObjectName[]): FileScan['harms'] {
  const taken = new Set(inTheWay.map(keyOf));
  const over = overMade.filter(({ objects }) => objects.some((object) => taken.has(keyOf(object))));
  return harms.flatMap((why) => {
    const all = [...found, ...over].filter((one) => one.why === why);
    const [first] = all;
    const objects = all.flatMap((one) => one.objects).slice(0, mostNamed);
    return first === undefined ? [] : [{ ...first, count: all.reduce((sum, { count }) => sum + count, 0), objects }];
  });
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
  readonly counted = new Map<string, number | null>();
  readonly overMade = new Map<string, FoundHarm>();
  #foreign: FileScan['foreign'] = null;
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

  /** At one of which nobody said in which character set it is. */
  look({ text, line }: FileStatement): void {
    if (this.#foreign !== null || !/[\x80-\xff]/.test(text)) return;
    if (isUtf8(Buffer.from(text, 'latin1'))) return;
    const bytes = Buffer.from(withoutBytes(text), 'latin1');
    if (isUtf8(bytes)) return;
    const { encoding } = encodingOf({ bytes: bytes.subarray(0, 64 * 1024), whole: false });
    this.#foreign = { line, seems: encoding === 'gb18030' ? encoding : 'other' };
  }

  take(one: FileStatement, fromByte: number): void {
    const { verdict } = one;
    if (one.ours !== true) this.#statements += 1;
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
        if (verdict.database !== null) this.#others.add(verdict.database);
        if (one.ours === true) return;
        const known = this.#leftOut.get(verdict.why);
        if (known === undefined) this.#leftOut.set(verdict.why, { ...named(one), why: verdict.why, count: 1 });
        else known.count += 1;
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
    if (one.isFresh === true) {
      for (const object of touches) {
        const before = this.overMade.get(keyOf(object));
        this.overMade.set(keyOf(object), { ...(before ?? { ...named(one), why: harm, objects: [object] }), count: (before?.count ?? 0) + 1 });
      }
      return;
    }
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
    if (kind === 'rows') this.#count(one, object);
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

  /** The file says of which database it is, wherever its rows go. */
  #count({ part, rows }: FileStatement, object: ObjectName | null): void {
    if (part === undefined || object === null) return;
    const table = `${part.database ?? object.database}.${object.table ?? ''}`;
    const before = this.counted.get(table);
    this.counted.set(table, before === null || rows === null || rows === undefined ? null : (before ?? 0) + rows);
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
      remade: [...this.#remade], foreign: this.#foreign,
      harms: harms.flatMap((why) => this.#harms.get(why) ?? []).map(({ names, ...harm }) => ({ ...harm, objects: [...names.values()] })),
    };
  }
}
