import type { CopiedObject } from '../../../../shared/domain/sync/sync';

const rank: Record<CopiedObject['state'], number> = { copying: 0, waiting: 1, copied: 2, compared: 3 };

/** The tables whose name has these words, what moves first, then the largest. Pure. */
export function shownFirst(objects: readonly CopiedObject[], words: string): readonly CopiedObject[] {
  const wanted = words.trim().toLowerCase();
  const nameOf = ({ database, table }: CopiedObject): string => `${database}.${table}`;
  return objects
    .filter((object) => nameOf(object).toLowerCase().includes(wanted))
    .sort((a, b) => rank[a.state] - rank[b.state] || b.bytes - a.bytes || nameOf(a).localeCompare(nameOf(b)));
}
