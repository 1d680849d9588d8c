import type { InstanceView } from '../../shared/domain/fleet/view';
import type { OfferedAct } from '../ui/instance-acts';
import { isFoundBy, searchTexts } from '../ui/instance-acts';

/** A line that leads to an instance, or begins an act with it. */
export interface PaletteLine {
  readonly id: string;
  readonly view: InstanceView;
  /** null: goes to the instance. */
  readonly act: OfferedAct | null;
}

/** As many as can be read; the next word narrows them. */
const mostInstances = 8;
const mostActs = 12;

const spread = (text: string): string => text.replaceAll('…', '');

/**
 * What a query finds: instances by name, address or region, and the acts that can be begun now, by their words and those of
 * the instance. An act that would be refused is not offered; opening is what the instance's own line does. Without a query no act. Pure.
 */
export function paletteLines(
  query: string,
  instances: readonly InstanceView[],
  regionOf: (view: InstanceView) => string,
  actsOf: (view: InstanceView) => readonly OfferedAct[],
): { readonly instances: readonly PaletteLine[]; readonly acts: readonly PaletteLine[] } {
  const found = instances.filter((view) => isFoundBy(query, [...searchTexts(view.instance), regionOf(view)])).slice(0, mostInstances);
  const acts: PaletteLine[] = [];
  for (const view of query.trim() === '' ? [] : instances) {
    if (acts.length >= mostActs) break;
    const texts = [...searchTexts(view.instance), regionOf(view)];
    // The query must say something of the instance or of the act; a word of neither finds nothing.
    for (const act of actsOf(view)) {
      if (act.refusal !== null || act.id === 'open' || !isFoundBy(query, [...texts, spread(act.label)])) continue;
      acts.push({ id: `a:${act.id}:${view.instance.id}`, view, act });
    }
  }
  return { instances: found.map((view) => ({ id: `i:${view.instance.id}`, view, act: null })), acts: acts.slice(0, mostActs) };
}
