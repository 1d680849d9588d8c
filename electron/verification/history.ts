// What comparisons came to, newest last, kept in `verifications.json`.
import * as v from 'valibot';
import { verdictOf, verificationMethods, type VerificationSummary } from '../../shared/domain/verification/result';
import { isInScope } from '../../shared/domain/scope/filters';
import type { Scope } from '../../shared/domain/scope/scope';
import type { Findings } from '../comparison/findings';
import { openDocument } from '../storage/document';
import type { Document } from '../storage/types';

const summary = v.object({
  id: v.string(), sourceId: v.string(), standbyId: v.string(), scope: v.string(), at: v.number(), endedAt: v.number(), equal: v.nullable(v.boolean()),
  gtidSet: v.string(), errant: v.string(), method: v.picklist(verificationMethods), pauseMs: v.number(), ms: v.number(), tableCount: v.number(),
  rowCount: v.number(), differing: v.number(), touchedSince: v.optional(v.nullable(v.string()), null),
});
const schema = v.object({ results: v.array(summary) });

/** As many are kept of each pair. */
const kept = 100;

export class VerificationHistory {
  readonly #document: Document<v.InferOutput<typeof schema>>;

  constructor(dataFolder: string) {
    this.#document = openDocument({ dataFolder, name: 'verifications', version: 1, schema, empty: { results: [] } });
  }

  list(): readonly VerificationSummary[] {
    return this.#document.get().results;
  }

  add(result: VerificationSummary): void {
    const isPair = ({ sourceId, standbyId }: VerificationSummary): boolean => sourceId === result.sourceId && standbyId === result.standbyId;
    this.#document.update(({ results }) => {
      const others = results.filter(({ id }) => id !== result.id);
      const old = new Set(others.filter(isPair).slice(0, -(kept - 1)));
      return { results: [...others.filter((one) => !old.has(one)), { ...result }] };
    });
  }
}

/** A scope as it is written in history: `db1,db2.table`, `*` for everything. */
export function scopeText(scope: Scope): string {
  if (scope.kind === 'instance') return '*';
  return scope.databases.flatMap(({ database, tables }) => (tables === null ? [database] : tables.map((table) => `${database}.${table}`))).sort().join(',');
}

/** True where everything of a scope lies in another one. */
export function coversScope(whole: Scope, part: Scope): boolean {
  if (whole.kind === 'instance') return true;
  if (part.kind === 'instance') return false;
  return part.databases.every(({ database, tables }) => tables === null
    ? whole.databases.some((one) => one.database === database && one.tables === null)
    : tables.every((table) => isInScope(whole, database, table)));
}

/** What is told of a comparison that has read all it was to read; null: it has not. */
export function summaryOf(
  findings: Findings, of: Pick<VerificationSummary, 'id' | 'sourceId' | 'standbyId' | 'scope' | 'endedAt'>,
): VerificationSummary | null {
  const [first] = findings.rounds;
  const last = findings.rounds.at(-1);
  if (first === undefined || last === undefined) return null;
  const { tables } = findings;
  const sum = (of_: (one: (typeof tables)[number]) => number): number => tables.reduce((total, one) => total + of_(one), 0);
  return {
    ...of, at: first.at, equal: verdictOf(tables), gtidSet: first.gtidSet, errant: last.errant, method: last.method, touchedSince: first.touchedSince,
    pauseMs: findings.rounds.reduce((total, { pauseMs }) => total + pauseMs, 0), ms: findings.ms, tableCount: tables.length,
    rowCount: sum(({ rows }) => rows), differing: sum(({ differing }) => differing),
  };
}
