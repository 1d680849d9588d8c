import {
  boundariesOf,
  countOf,
  differenceOf,
  formatBoundaries,
  hasNumber,
  intersectionOf,
  isSubsetOf,
  MAX_GNO,
  MIN_GNO,
  NO_BOUNDARIES,
  sameBoundaries,
  unionOf,
  type Boundaries,
} from './intervals';
import { GtidSetError, parseGtidText } from './set-parser';

export { GtidSetError } from './set-parser';

/** One transaction. `tag` is '' where there is none. */
export interface Gtid {
  readonly uuid: string;
  readonly tag: string;
  readonly gno: bigint;
}

/** The transactions of one originating server and tag. `intervals` are inclusive, ascending and never adjacent. */
export interface GtidBlock {
  readonly uuid: string;
  readonly tag: string;
  readonly intervals: ReadonlyArray<readonly [first: bigint, last: bigint]>;
  readonly count: bigint;
}

/** `uuid` or `uuid:tag`; its order as a string is the server's order: by uuid, untagged first, then by tag. */
type SourceKey = string;

const UUID_LENGTH = 36;
const keyOf = (uuid: string, tag: string): SourceKey => (tag === '' ? uuid : `${uuid}:${tag}`);
const uuidOf = (key: SourceKey): string => key.slice(0, UUID_LENGTH);
const tagOf = (key: SourceKey): string => key.slice(UUID_LENGTH + 1);

/**
 * An immutable set of MySQL transaction identifiers, compared as a set: two of them are equal whatever text they came
 * from. Make one with `parseGtidSet`, `GtidSet.empty` or `gtidSetOf`; every operation returns a new set and costs at
 * most one linear pass. Reference: manual, "GTID Format and Storage".
 */
export class GtidSet {
  static readonly empty = new GtidSet(new Map());

  /** Sorted by key; never holds an empty list, so that "no key" and "no transaction" are the same thing. */
  readonly #sources: ReadonlyMap<SourceKey, Boundaries>;

  private constructor(sources: ReadonlyMap<SourceKey, Boundaries>) {
    this.#sources = sources;
  }

  /** For this module and its tests; the lists need not be sorted by key, empty ones are dropped. */
  static fromBoundaries(sources: Iterable<readonly [SourceKey, Boundaries]>): GtidSet {
    const solid = [...sources].filter(([, boundaries]) => boundaries.length > 0);
    if (solid.length === 0) return GtidSet.empty;
    return new GtidSet(new Map(solid.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))));
  }

  /** Everything that is in either set. */
  union(other: GtidSet): GtidSet {
    if (other.isEmpty()) return this;
    if (this.isEmpty()) return other;
    const keys = new Set([...this.#sources.keys(), ...other.#sources.keys()]);
    return GtidSet.fromBoundaries([...keys].map((key) => [key, unionOf(this.#of(key), other.#of(key))]));
  }

  /** Everything that is in this set and not in the other: the server's GTID_SUBTRACT(this, other). */
  subtract(other: GtidSet): GtidSet {
    if (other.isEmpty() || this.isEmpty()) return this;
    return this.#mapped((key, mine) => differenceOf(mine, other.#of(key)));
  }

  /** Everything that is in both sets. */
  intersect(other: GtidSet): GtidSet {
    return this.#mapped((key, mine) => intersectionOf(mine, other.#of(key)));
  }

  /** True when the other set holds all of this one: the server's GTID_SUBSET(this, other). The empty set is a subset of every set. */
  isSubsetOf(other: GtidSet): boolean {
    for (const [key, mine] of this.#sources) if (!isSubsetOf(mine, other.#of(key))) return false;
    return true;
  }

  equals(other: GtidSet): boolean {
    if (this.#sources.size !== other.#sources.size) return false;
    for (const [key, mine] of this.#sources) if (!sameBoundaries(mine, other.#of(key))) return false;
    return true;
  }

  /** True when the set holds this one transaction. The uuid may be in any letter case, with or without dashes. */
  contains(gtid: { readonly uuid: string; readonly tag?: string; readonly gno: bigint }): boolean {
    return hasNumber(this.#of(keyOf(canonicalUuid(gtid.uuid), (gtid.tag ?? '').toLowerCase())), gtid.gno);
  }

  isEmpty(): boolean {
    return this.#sources.size === 0;
  }

  /** How many transactions the set holds. */
  count(): bigint {
    let total = 0n;
    for (const boundaries of this.#sources.values()) total += countOf(boundaries);
    return total;
  }

  /** How many intervals the set is made of: a measure of its holes. */
  intervalCount(): number {
    let total = 0;
    for (const boundaries of this.#sources.values()) total += boundaries.length / 2;
    return total;
  }

  /** True when any transaction has a tag; servers before 8.3 cannot read such a set. */
  hasTags(): boolean {
    for (const key of this.#sources.keys()) if (key.length > UUID_LENGTH) return true;
    return false;
  }

  /** The uuids of the originating servers, ascending, each once. */
  uuids(): string[] {
    return [...new Set([...this.#sources.keys()].map(uuidOf))];
  }

  /** One block for each uuid and tag, in the server's order. */
  byUuid(): GtidBlock[] {
    return [...this.#sources].map(([key, boundaries]) => ({
      uuid: uuidOf(key),
      tag: tagOf(key),
      intervals: inclusive(boundaries),
      count: countOf(boundaries),
    }));
  }

  /** The part that originates from these servers, all tags. Uuids in any letter case, with or without dashes. */
  onlyFrom(...uuids: readonly string[]): GtidSet {
    const wanted = new Set(uuids.map(canonicalUuid));
    return this.#mapped((key, mine) => (wanted.has(uuidOf(key)) ? mine : NO_BOUNDARIES));
  }

  /** The part that does not originate from these servers. */
  notFrom(...uuids: readonly string[]): GtidSet {
    const unwanted = new Set(uuids.map(canonicalUuid));
    return this.#mapped((key, mine) => (unwanted.has(uuidOf(key)) ? NO_BOUNDARIES : mine));
  }

  /**
   * The smallest number not yet used for this uuid and tag, which is the one a server gives next (it fills holes
   * first), or undefined when all are used.
   */
  nextGno(uuid: string, tag = ''): bigint | undefined {
    const boundaries = this.#of(keyOf(canonicalUuid(uuid), tag.toLowerCase()));
    const next = boundaries[0] === MIN_GNO ? (boundaries[1] as bigint) : MIN_GNO;
    return next > MAX_GNO ? undefined : next;
  }

  /** The transactions one by one in the set's order. The set may be astronomically large: stop when you have enough. */
  *gtids(): Generator<Gtid> {
    for (const [key, boundaries] of this.#sources) {
      for (const [first, last] of inclusive(boundaries)) {
        for (let gno = first; gno <= last; gno++) yield { uuid: uuidOf(key), tag: tagOf(key), gno };
      }
    }
  }

  /** The text as the server itself prints it: `,` and a newline between uuids, tags behind their uuid; '' when empty. */
  toString(): string {
    return this.#text(',\n');
  }

  /** The same on one line, for SQL, logs and comparisons by eye. */
  toLine(): string {
    return this.#text(',');
  }

  toJSON(): string {
    return this.toLine();
  }

  /**
   * A short form for narrow places: uuids cut to eight digits, at most `limits.blocks` of them, each with its last
   * `limits.intervals` intervals; what is left out is counted. Not parseable: show the full text beside it.
   * Example: `3e11fa47…:(+9):77-90:1001-1500, 4a6b01c2…:tag:1-5`.
   */
  shorten(limits: { readonly blocks?: number; readonly intervals?: number } = {}): string {
    const maxBlocks = limits.blocks ?? 2;
    const maxIntervals = limits.intervals ?? 2;
    const keys = [...this.#sources.keys()];
    const shown = keys.slice(0, maxBlocks).map((key) => {
      const intervals = formatBoundaries(this.#of(key));
      const left = intervals.length - maxIntervals;
      const tail = left > 0 ? [`(+${left.toString()})`, ...intervals.slice(left)] : intervals;
      const tag = tagOf(key);
      return `${key.slice(0, 8)}…${tag === '' ? '' : `:${tag}`}:${tail.join(':')}`;
    });
    if (keys.length > maxBlocks) shown.push(`(+${(keys.length - maxBlocks).toString()})`);
    return shown.join(', ');
  }

  #of(key: SourceKey): Boundaries {
    return this.#sources.get(key) ?? NO_BOUNDARIES;
  }

  #mapped(change: (key: SourceKey, boundaries: Boundaries) => Boundaries): GtidSet {
    return GtidSet.fromBoundaries([...this.#sources].map(([key, mine]) => [key, change(key, mine)]));
  }

  #text(separator: string): string {
    let out = '';
    let uuid = '';
    for (const [key, boundaries] of this.#sources) {
      const tag = tagOf(key);
      if (uuidOf(key) !== uuid) {
        out += uuid === '' ? uuidOf(key) : separator + uuidOf(key);
        uuid = uuidOf(key);
      }
      out += `${tag === '' ? '' : `:${tag}`}:${formatBoundaries(boundaries).join(':')}`;
    }
    return out;
  }
}

/**
 * Reads a GTID set in any form the server accepts (see the grammar in `gtid-set-parser.ts`). A uuid, or a uuid and
 * tag, without an interval adds nothing.
 *
 * @throws GtidSetError with the position of the first character that does not fit
 */
export function parseGtidSet(text: string): GtidSet {
  const found = new Map<SourceKey, Array<readonly [bigint, bigint]>>();
  for (const block of parseGtidText(text)) {
    const key = keyOf(block.uuid, block.tag);
    const known = found.get(key);
    if (known === undefined) found.set(key, block.intervals);
    else for (const interval of block.intervals) known.push(interval);
  }
  return GtidSet.fromBoundaries([...found].map(([key, intervals]) => [key, boundariesOf(intervals)]));
}

/** As `parseGtidSet`, with the error as a value: for text that comes from a person or from an unreliable place. */
export function tryParseGtidSet(text: string): GtidSet | GtidSetError {
  try {
    return parseGtidSet(text);
  } catch (error) {
    if (error instanceof GtidSetError) return error;
    throw error;
  }
}

/** The set of one server's transactions `first … last`, both included. @throws GtidSetError, RangeError */
export function gtidSetOf(uuid: string, first: bigint, last: bigint = first, tag = ''): GtidSet {
  return parseGtidSet(`${uuid}${tag === '' ? '' : `:${tag}`}:${first.toString()}-${last.toString()}`);
}

/** Reads exactly one transaction, `uuid:gno` or `uuid:tag:gno`. @throws GtidSetError when it is none, or more than one */
export function parseGtid(text: string): Gtid {
  const set = parseGtidSet(text);
  if (set.count() === 1n) for (const gtid of set.gtids()) return gtid;
  throw new GtidSetError('number-expected', text.length, text);
}

/** `uuid:gno` or `uuid:tag:gno`. */
export function formatGtid(gtid: Gtid): string {
  return `${keyOf(gtid.uuid, gtid.tag)}:${gtid.gno.toString()}`;
}

function inclusive(boundaries: Boundaries): Array<readonly [bigint, bigint]> {
  const out: Array<readonly [bigint, bigint]> = [];
  for (let i = 0; i < boundaries.length; i += 2) out.push([boundaries[i] as bigint, (boundaries[i + 1] as bigint) - 1n]);
  return out;
}

/** Lower case with dashes; what is no uuid comes back as it is, in lower case, and is in no set. */
function canonicalUuid(uuid: string): string {
  const digits = uuid.trim().toLowerCase().replaceAll(/[{}-]/g, '');
  if (digits.length !== 32) return uuid.toLowerCase();
  return [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join('-');
}
