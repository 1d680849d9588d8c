import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planTransfer, planTransferUndo, undoObstacle, type TransferMember } from '../../../shared/domain/operations/transfer/transfer';
import type { Role } from '../../../shared/domain/fleet/role';

const member = (id: string, role: Role, sourceId: string | null = null, projectId: string | null = null): TransferMember => ({ id, name: `orders-${id}`, projectId, role, sourceId });

const fleet = [
  member('p', 'primary'), member('s', 'standby', 'p'), member('l', 'local-replica', 's'), member('r', 'read-only', 'p', 'two'),
  member('a', 'stand-alone'), member('f', 'fenced', 'p'), member('u', 'unknown'),
];

describe('a transfer', () => {
  it('takes along what follows, and what follows that', () => {
    expect(planTransfer(fleet, ['p'], 'one').moves.map(({ instanceId, follows }) => [instanceId, follows])).toEqual([
      ['p', null], ['s', 'orders-p'], ['r', 'orders-p'], ['f', 'orders-p'], ['l', 'orders-p'],
    ]);
  });

  it('leaves out what is there already, and says where nothing moves', () => {
    expect(planTransfer(fleet, ['p'], 'two').moves.map(({ instanceId }) => instanceId)).not.toContain('r');
    expect(planTransfer(fleet, ['a'], null)).toEqual({ moves: [], unchanged: ['orders-a'], refused: [] });
  });

  it('refuses a replica without its primary, what is fenced, and what is not known; with its primary a replica is no obstacle', () => {
    expect(planTransfer(fleet, ['s', 'u', 'a'], 'one')).toMatchObject({ refused: [{ name: 'orders-s', reason: 'follows' }, { name: 'orders-u', reason: 'unknown' }], moves: [{ instanceId: 'a' }] });
    expect(planTransfer([member('x', 'fenced')], ['x'], 'one').refused).toEqual([{ name: 'orders-x', reason: 'fenced' }]);
    expect(planTransfer(fleet, ['s', 'p'], 'one').refused).toEqual([]);
  });

  it('ends on a ring of links', () => {
    const ring = [member('a', 'primary', 'b'), member('b', 'standby', 'a')];
    expect(planTransfer(ring, ['a'], 'one').moves.map(({ instanceId }) => instanceId)).toEqual(['a', 'b']);
  });

  it('taken back at once leaves every instance where it was, whatever was chosen', () => {
    const project = fc.constantFrom(null, 'one', 'two');
    const fleets = fc.array(fc.record({ role: fc.constantFrom<Role>('primary', 'stand-alone', 'standby', 'read-only', 'fenced', 'unknown'), source: fc.nat(7), projectId: project }), { minLength: 1, maxLength: 8 })
      .map((all) => all.map(({ role, source, projectId }, at) => member(String(at), role, role === 'standby' || role === 'read-only' ? String(source) : null, projectId)));
    fc.assert(fc.property(fleets, fc.array(fc.nat(8), { maxLength: 5 }), project, (members, chosen, to) => {
      const { moves } = planTransfer(members, chosen.map(String), to);
      const moved = members.map((one) => (moves.some(({ instanceId }) => instanceId === one.id) ? { ...one, projectId: to } : one));
      const { back, left } = planTransferUndo({ moves, to }, moved, ['one', 'two']);
      const after = moved.map((one) => {
        const move = back.find(({ instanceId }) => instanceId === one.id);
        return move === undefined ? one : { ...one, projectId: move.from };
      });
      expect(left).toEqual([]);
      expect(after).toEqual(members);
    }), { numRuns: 2000 });
  });

  it('taken back later leaves alone what was moved on or removed, or has no project to go back to', () => {
    const moves = ['a', 'b', 'c', 'd'].map((id) => ({ instanceId: id, name: id, from: id === 'd' ? 'old' : null, follows: null }));
    const now = [{ id: 'a', projectId: 'one' }, { id: 'b', projectId: 'two' }, { id: 'd', projectId: 'one' }];
    expect(planTransferUndo({ moves, to: 'one' }, now, ['one', 'two'])).toEqual({
      back: [moves[0]], left: [{ name: 'b', reason: 'moved-on' }, { name: 'c', reason: 'removed' }, { name: 'd', reason: 'project-gone' }],
    });
  });

  describe('is not taken back where that would part a replica from its primary', () => {
    const moves = planTransfer(fleet.slice(0, 4), ['p'], 'one').moves;
    const obstacle = (members: readonly TransferMember[], more: { readonly projects?: readonly string[] } = {}) =>
      undoObstacle({ moves }, planTransferUndo({ moves, to: 'one' }, members, more.projects ?? ['one', 'two']), members);
    const moved = (id: string, role: Role, sourceId: string | null = null) => member(id, role, sourceId, 'one');

    it('and is while they follow it as they did', () => {
      expect(obstacle([moved('p', 'primary'), moved('s', 'standby', 'p'), moved('l', 'local-replica', 's'), moved('r', 'read-only', 'p')])).toBeNull();
    });

    it('after a switchover the new primary is in charge', () => {
      expect(obstacle([moved('p', 'standby', 's'), moved('s', 'primary'), moved('r', 'read-only', 's')])).toEqual({ how: 'other', name: 'orders-p', was: 'orders-p', primary: 'orders-s' });
    });

    it('after a promotion it is in charge itself, whatever became of the old one', () => {
      for (const old of ['fenced', 'primary'] as const) {
        expect(obstacle([moved('p', old), moved('s', 'stand-alone'), moved('r', 'read-only', 's')])).toEqual({ how: 'itself', name: 'orders-s', was: 'orders-p', primary: 'orders-s' });
      }
    });

    it('another one, outside the transfer, is in charge', () => {
      expect(obstacle([moved('p', 'primary'), moved('s', 'standby', 'x'), moved('x', 'primary')])).toMatchObject({ how: 'other', name: 'orders-s', primary: 'orders-x' });
    });

    it('the primary was moved on', () => {
      expect(obstacle([member('p', 'primary', null, 'two'), moved('s', 'standby', 'p')])).toEqual({ how: 'stays', name: 'orders-s', was: 'orders-p', primary: 'orders-p' });
    });

    it('a primary that was in the project before, and did not move, stays there as it did', () => {
      const joined = { moves: planTransfer([member('p', 'primary', null, 'one'), member('s', 'standby', 'p')], ['p'], 'one').moves };
      const now = [moved('p', 'primary'), moved('s', 'standby', 'p')];
      expect(undoObstacle(joined, planTransferUndo({ ...joined, to: 'one' }, now, ['one']), now)).toBeNull();
    });
  });
});
