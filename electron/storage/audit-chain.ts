// The lines of the audit log hold together: each carries the hash of the one before it, and a file beside it the end of the chain.
import { createHash, type Hash } from 'node:crypto';
import * as v from 'valibot';
import type { AuditProof } from '../../shared/domain/settings';

/** What a line of the chain says of its place. Lines of before there was one have none. */
const linkSchema = v.object({
  /** Its number, from 1. */
  n: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  /** SHA-256 of the line before, as it stands in the file, without its line break; of the first one: of everything before it. */
  prev: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  action: v.optional(v.string()),
});
type ChainLink = v.InferOutput<typeof linkSchema>;

/** Where a chain ends: the number of its last line, and the hash of that line. */
export interface ChainEnd {
  readonly n: number;
  readonly hash: string;
}

/** The line that a writer puts where it finds that lines are gone: the gap is seen for good. */
export const cutOffAction = 'audit.cut-off';

export const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

/** What a line says of its place; null: it is none of the chain, or torn. */
export function linkOf(line: string): ChainLink | null {
  try {
    const parsed = v.safeParse(linkSchema, JSON.parse(line));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}

/** The recorded end, as its file holds it; null: there is none that can be read. */
export function endOf(text: string): ChainEnd | null {
  try {
    const parsed = v.safeParse(v.object({ n: v.pipe(v.number(), v.safeInteger(), v.minValue(1)), hash: linkSchema.entries.prev }), JSON.parse(text));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}

/**
 * Whether lines are missing at the end of a file, or its last one is another than was written. A file that is ahead of the record is whole:
 * the record is written after the line, and a crash comes between them.
 */
export function isCutOff(last: ChainEnd | null, recorded: ChainEnd | null): boolean {
  if (recorded === null) return false;
  return last === null || last.n < recorded.n || (last.n === recorded.n && last.hash !== recorded.hash);
}

/** Goes over the lines of a log from its beginning, and says whether they hold together. */
export class ChainReader {
  readonly #recorded: ChainEnd | null;
  /** Of everything before the chain begins. */
  readonly #before: Hash = createHash('sha256');
  #line = 0;
  #old = 0;
  #torn = 0;
  /** Of the line before, torn ones included. */
  #previous = '';
  #last: ChainEnd | null = null;
  #brokenAt: number | null = null;
  #passedEnd = false;

  constructor(recorded: ChainEnd | null) {
    this.#recorded = recorded;
  }

  /** One line; `whole`: with its line break, as all but the last one are. */
  add(line: Buffer, whole: boolean): void {
    this.#line += 1;
    const text = line.toString('utf8');
    const link = linkOf(text);
    const hash = sha256(line);
    if (this.#last === null) this.#beforeChain(line, whole, link, hash);
    else this.#withinChain(text, link, hash);
    this.#previous = hash;
  }

  proof(): AuditProof {
    const entries = this.#last?.n ?? 0;
    const cutOff = isCutOff(this.#last, this.#recorded);
    const rewritten = !cutOff && this.#recorded !== null && !this.#passedEnd;
    const missing = this.#recorded === null ? 0 : Math.max(0, this.#recorded.n - entries);
    const state = this.#brokenAt !== null || rewritten || (cutOff && missing === 0) ? 'broken'
      : cutOff ? 'cut-off' : this.#recorded === null && entries > 0 ? 'end-unknown' : 'intact';
    const brokenAt = this.#brokenAt ?? (state === 'broken' ? this.#line : null);
    return { state, entries, old: this.#old, torn: this.#torn, brokenAt, missing, end: this.#last?.hash ?? null, waiting: 0 };
  }

  #beforeChain(line: Buffer, whole: boolean, link: ChainLink | null, hash: string): void {
    if (link === null) {
      if (line.length > 0) this.#old += 1;
    } else {
      if (link.n !== 1 || link.prev !== this.#before.copy().digest('hex')) this.#brokenAt ??= this.#line;
      this.#reach({ n: link.n, hash });
    }
    this.#before.update(line);
    if (whole) this.#before.update('\n');
  }

  #withinChain(text: string, link: ChainLink | null, hash: string): void {
    if (link === null) {
      // A crash tears the line that it was writing, which the next one then names. Whatever else stands here was put here.
      if (isEntry(text)) this.#brokenAt ??= this.#line;
      else this.#torn += 1;
      return;
    }
    if (link.prev !== this.#previous || link.n !== (this.#last?.n ?? 0) + 1 || link.action === cutOffAction) this.#brokenAt ??= this.#line;
    this.#reach({ n: link.n, hash });
  }

  #reach(end: ChainEnd): void {
    this.#last = end;
    if (this.#recorded?.n === end.n && this.#recorded.hash === end.hash) this.#passedEnd = true;
  }
}

function isEntry(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
