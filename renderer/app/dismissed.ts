// Which incidents were dismissed from the banners, and until when.
import type { Incident } from '../../shared/domain/analysis/incident';
import type { ToldIncident } from '../../shared/domain/analysis/incident-groups';

/** What is dismissed with a banner. A group is shown again when one more server has joined it, not when one has left it. */
export const keysOf = (one: ToldIncident): string[] => incidentsOf(one).map(keyOf);

/** The incidents of what is told. */
export const incidentsOf = (one: ToldIncident): readonly Incident[] => (one.kind === 'group' ? one.incidents : [one.incident]);

/** An incident that ends and comes again is another one; so is a split brain of other servers. */
function keyOf({ id, kind, since, symptoms }: Incident): string {
  const others = kind === 'split-brain' ? symptoms.map(({ view }) => view.instance.id).sort().join(',') : '';
  return `${id}@${since ?? ''}@${others}`;
}

/** What was dismissed and has ended is shown when it comes again. */
export function stillThere(dismissed: ReadonlySet<string>, incidents: readonly Incident[]): ReadonlySet<string> {
  const present = new Set(incidents.map(keyOf));
  return [...dismissed].every((key) => present.has(key)) ? dismissed : new Set([...dismissed].filter((key) => present.has(key)));
}
