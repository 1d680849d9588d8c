import { toneRank, type StandingClock } from '../../../../shared/domain/analysis/standing';
import { compareNames } from '../../../../shared/domain/fleet/names';
import type { InstanceView } from '../../../../shared/domain/fleet/view';
import type { LinkColumn } from '../../../stores/lists';
import type { LinkRow } from './dependency-model';
import { linkTone } from './link-words';

/** Sorted from their worst at first. */
export const beginsWithWorst = (column: LinkColumn): boolean => column === 'state' || column === 'lag';

/** How far a link is behind: what carries nothing is worst, then what nobody knows. */
function lagRank({ link }: LinkRow): number {
  if (link?.lag == null || link.lag.state === 'unknown') return Number.MAX_VALUE;
  if (link.lag.state === 'not-replicating') return Number.POSITIVE_INFINITY;
  return link.lag.seconds ?? (link.lag.state === 'caught-up' ? 0 : Number.MAX_VALUE);
}

/** The links in an order; those that are equal stay as they stood. Column null: as they stand. Pure. */
export function sortedLinks(
  links: readonly LinkRow[], column: LinkColumn | null, down: boolean, instances: ReadonlyMap<string, InstanceView>, clock: StandingClock,
): readonly LinkRow[] {
  if (column === null) return links;
  const rankOf = ({ link, replica }: LinkRow): number => toneRank(link === undefined ? 'mute' : linkTone(link, instances.get(replica.id), clock));
  const ranks = new Map(column === 'state' ? links.map((row) => [row.id, rankOf(row)]) : column === 'lag' ? links.map((row) => [row.id, lagRank(row)]) : []);
  const nameOf = ({ source, replica }: LinkRow): string =>
    (column === 'source' ? source.name : column === 'replica' ? replica.name : (column === 'source-region' ? source : replica).region ?? '');
  const compare = (a: LinkRow, b: LinkRow): number => {
    if (!beginsWithWorst(column)) return compareNames(nameOf(a), nameOf(b));
    const [one, other] = [ranks.get(a.id) ?? 0, ranks.get(b.id) ?? 0];
    return one === other ? 0 : one > other ? -1 : 1;
  };
  return [...links].sort((a, b) => (down ? -1 : 1) * compare(a, b));
}
