// What is chosen in a list: by the hand, by the keys, while lines come, go and change their order.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kept, nothingChosen, reached, reachedByKey, shareOf, toggled, withAll, type Selection } from '../../../renderer/stores/selection';
import { tallyOf } from '../../../renderer/ui/many';
import { targetOf } from '../../../renderer/ui/useLines';

const order = ['a', 'b', 'c', 'd', 'e', 'f'];
const chosen = (selection: Selection): string => [...selection.chosen].sort().join('');

describe('lines that are chosen', () => {
  it('are chosen and let go one by one', () => {
    const two = toggled(toggled(nothingChosen, 'b'), 'd');
    expect(chosen(two)).toBe('bd');
    expect(chosen(toggled(two, 'b'))).toBe('d');
  });

  it('are reached from the line that was pressed first, and taken back where Shift reaches less far', () => {
    const from = toggled(toggled(nothingChosen, 'a'), 'c');
    const far = reached(from, order, 'f');
    expect(chosen(far)).toBe('acdef');
    expect(chosen(reached(far, order, 'd'))).toBe('acd');
    expect(chosen(reached(far, order, 'b'))).toBe('abc');
  });

  it('are let go together where the first one was let go', () => {
    const all = withAll(nothingChosen, order, true);
    expect(chosen(reached(toggled(all, 'b'), order, 'd'))).toBe('aef');
  });

  it('are reached in the order that is seen now, not in the one that was', () => {
    const from = toggled(nothingChosen, 'b');
    expect(chosen(reached(from, ['f', 'b', 'a', 'e', 'c', 'd'], 'e'))).toBe('abe');
  });

  it('begin with the line itself where nothing was pressed before, or what was is gone', () => {
    expect(chosen(reached(nothingChosen, order, 'c'))).toBe('c');
    expect(chosen(reached(toggled(nothingChosen, 'z'), order, 'c'))).toBe('cz');
    expect(reached(nothingChosen, order, 'z')).toBe(nothingChosen);
  });

  it('follow Shift with the arrows from the line that has the keys, back as well', () => {
    const down = reachedByKey(reachedByKey(nothingChosen, order, 'b', 'c'), order, 'c', 'd');
    expect(chosen(down)).toBe('bcd');
    expect(chosen(reachedByKey(down, order, 'd', 'c'))).toBe('bc');
    // The keys went elsewhere without Shift: it begins anew there, and what was chosen stays.
    expect(chosen(reachedByKey(down, order, 'f', 'e'))).toBe('bcdef');
  });

  it('are let go of where they are not listed any more, and are not chosen again when they come back', () => {
    const some = withAll(nothingChosen, ['a', 'c', 'e'], true);
    const less = kept(some, new Set(['a', 'b', 'c']));
    expect(chosen(less)).toBe('ac');
    expect(chosen(kept(less, new Set(order)))).toBe('ac');
    expect(kept(less, new Set(order))).toBe(less);
    // What a reach would take back is gone from it too.
    const reach = reached(toggled(some, 'b'), order, 'd');
    expect(chosen(reached(kept(reach, new Set(['a', 'b', 'c', 'd'])), ['a', 'b', 'c', 'd'], 'b'))).toBe('abc');
  });

  it('whatever is pressed, are among those that are listed, and of those alone all or none', () => {
    const line = fc.constantFrom(...order);
    const act = fc.oneof(
      fc.record({ kind: fc.constant('toggle' as const), id: line }),
      fc.record({ kind: fc.constant('reach' as const), id: line }),
      fc.record({ kind: fc.constant('key' as const), id: line, from: line }),
      fc.record({ kind: fc.constant('all' as const), on: fc.boolean() }),
      fc.record({ kind: fc.constant('list' as const), ids: fc.shuffledSubarray(order) }),
    );
    fc.assert(fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
      let listed: readonly string[] = order;
      let selection = nothingChosen;
      for (const one of acts) {
        const before = selection;
        if (one.kind === 'list') listed = one.ids;
        else if (one.kind === 'all') selection = withAll(selection, listed, one.on);
        else if (!listed.includes(one.id)) continue;
        else if (one.kind === 'toggle') selection = toggled(selection, one.id);
        else if (one.kind === 'reach') selection = reached(selection, listed, one.id);
        else if (listed.includes(one.from)) selection = reachedByKey(selection, listed, one.from, one.id);
        selection = kept(selection, new Set(listed));
        for (const id of selection.chosen) expect(listed).toContain(id);
        if (one.kind === 'all') expect(shareOf(selection, listed)).toBe(one.on && listed.length > 0 ? 'all' : 'none');
        // A change of the order, or of what is listed, chooses nothing.
        if (one.kind === 'list') for (const id of selection.chosen) expect(before.chosen.has(id)).toBe(true);
      }
    }), { numRuns: 500 });
  });
});

describe('a key in a list', () => {
  const heads = new Set([0, 3]);
  const at = (key: string, from: number, past = false): number | null => targetOf(key, from, 6, (index) => heads.has(index), past);

  it('leads over the heads of groups where it reaches, and onto them where it does not', () => {
    expect([at('ArrowDown', 2), at('ArrowDown', 2, true)]).toEqual([3, 4]);
    expect([at('ArrowUp', 1), at('ArrowUp', 1, true)]).toEqual([0, 1]);
    expect([at('ArrowDown', 5), at('Home', 4), at('End', 1), at('PageDown', 1), at('PageUp', 4), at('x', 1)]).toEqual([5, 0, 5, 5, 0, null]);
  });
});

describe('what came of an act on many', () => {
  it('is counted for each', () => {
    const error = { code: 'cancelled' as const, params: { what: 'x' }, correlationId: '', retry: false };
    expect(tallyOf(['a', 'b', 'c', 'd'], new Map([['a', { kind: 'done' }], ['b', { kind: 'refused', error }], ['c', { kind: 'running' }]]))).toEqual({ done: 1, refused: 1, left: 2 });
  });
});
