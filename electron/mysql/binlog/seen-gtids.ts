import { parseGtidSet, type GtidSet } from '../../../shared/domain/gtid/set';

/** GTIDs in the order of a log, as the few intervals that they mostly are. */
export class SeenGtids {
  private readonly sources = new Map<string, [first: bigint, last: bigint][]>();

  add(gtid: string): void {
    const at = gtid.lastIndexOf(':');
    const [source, number] = [gtid.slice(0, at), BigInt(gtid.slice(at + 1))];
    const intervals = this.sources.get(source) ?? [];
    if (intervals.length === 0) this.sources.set(source, intervals);
    const last = intervals.at(-1);
    if (last !== undefined && last[1] + 1n === number) last[1] = number;
    else intervals.push([number, number]);
  }

  set(): GtidSet {
    const blocks = [...this.sources].map(([source, intervals]) => [source, ...intervals.map(([first, last]) => `${String(first)}-${String(last)}`)].join(':'));
    return parseGtidSet(blocks.join(','));
  }
}
