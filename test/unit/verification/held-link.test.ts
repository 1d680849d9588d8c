// What becomes of an applier that a comparison or a repair stopped, and of one that somebody else did.
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { HeldApplier } from '../../../electron/comparison/position';
import type { Fleet } from '../../../electron/fleet/types';
import { ensureFilters } from '../../../electron/replication/applier';
import { applyTo } from '../../../electron/replication/apply-to';
import { followed } from '../../../electron/replication/link-context';
import { nothingLeftOut } from '../../../electron/replication/left-out';
import { haltStep, type ScopeRun } from '../../../electron/sync/scope/procedure';
import { memoryKey } from '../../../electron/tasks/memory';
import type { StepContext, TaskDefinition } from '../../../electron/tasks/types';
import { mutableSpec } from '../../../electron/verification/spec';
import { repairRun } from '../../../electron/verification/repair';
import { verifyRun, type VerifyRunDeps } from '../../../electron/verification/task';
import { parseGtidSet } from '../../../shared/domain/gtid/set';
import type { Scope } from '../../../shared/domain/scope/scope';
import { fakeSession } from '../../fixtures/fake-session';
import { loneStep } from '../../fixtures/lone-step';
import { instanceView } from '../../fixtures/renderer-fleet';
import { copySpec } from '../../fixtures/sync-spec';

const part: Scope = { kind: 'partial', databases: [{ database: 'shop', tables: null }] };
const applierHeld = memoryKey('applierHeld', v.boolean());

/** A standby with one link: whether its applier runs, its filter, and what was run on it. */
class Standby {
  runs = false;
  wild = '';
  readonly ran: string[] = [];
  executed = '';
  /** Called as the applier starts. */
  starting: () => void = () => undefined;
  readonly session = fakeSession('standby', (sql) => this.answer(sql));
  readonly #fleet: Pick<Fleet, 'instance' | 'withSession' | 'refresh'> = {
    instance: (id) => ({ ...instanceView(1, { id, region: 'gz', role: 'standby' }).instance, name: id }),
    withSession: (_id, use) => use(this.session),
    refresh: async () => instanceView(1, { id: 'standby', region: 'gz', role: 'standby' }),
  };
  readonly fleet = this.#fleet as Fleet;

  private answer(sql: string): readonly Readonly<Record<string, unknown>>[] {
    if (/SHOW REPLICA STATUS/.test(sql)) {
      const runs = this.runs ? 'Yes' : 'No';
      return [{ Source_Host: 'h', Replica_IO_Running: 'Yes', Replica_SQL_Running: runs, Until_Condition: 'None', Replicate_Wild_Do_Table: this.wild }];
    }
    if (/gtid_executed/i.test(sql)) return [{ gtid_executed: this.executed }];
    if (!/^(?:STOP|START|CHANGE)/.test(sql)) return [];
    this.ran.push(sql.replace(/ .*/, ''));
    if (sql.startsWith('STOP')) this.runs = false;
    if (sql.startsWith('CHANGE')) this.wild = sql.includes('shop.%') ? 'antipode.%,shop.%' : '';
    if (sql.startsWith('START')) {
      this.runs = true;
      this.starting();
    }
    return [];
  }
}

interface Ground {
  readonly standby: Standby;
  readonly deps: VerifyRunDeps;
  readonly step: StepContext;
}

function ground(more: Partial<Pick<VerifyRunDeps, 'isHeld' | 'filterScope'>> = {}): Ground {
  const standby = new Standby();
  const nothing = (): void => undefined;
  const deps: VerifyRunDeps = {
    fleet: standby.fleet, clock: () => 0, objects: new Map(), leftOut: () => nothingLeftOut, passedAccounts: () => [],
    isHeld: () => false, filterScope: () => null, verified: nothing, differs: nothing, ended: nothing, ...more,
  };
  return { standby, deps, step: loneStep() };
}

const spec = (scope: Scope) => mutableSpec(copySpec('link', 'source', 'standby', { scope }));
const tasks: readonly [string, (deps: VerifyRunDeps, syncId: string, scope: Scope) => TaskDefinition][] = [
  ['a comparison', (deps, syncId, scope) => verifyRun(deps, { syncId, spec: spec(scope) })],
  ['a repair', (deps, syncId, scope) => repairRun(deps, { syncId, spec: spec(scope), tables: [], sql: [] })],
];
const whole: Scope = { kind: 'instance' };

describe.each(tasks)('%s that is taken back', (_, make) => {
  const undo = async ({ deps, step }: Ground, syncId = 'sync', scope = whole): Promise<void> => make(deps, syncId, scope).steps[0]?.undo?.(step);

  it('starts the applier that it had stopped', async () => {
    const it = ground({ filterScope: () => whole });
    await it.step.remember(applierHeld, true);
    await undo(it);
    expect([it.standby.runs, it.step.recall(applierHeld)]).toEqual([true, false]);
  });

  it('leaves one that it did not stop', async () => {
    const it = ground();
    await undo(it);
    expect(it.standby.ran).toEqual([]);
  });

  it('leaves one that the user has stopped meanwhile', async () => {
    const it = ground({ isHeld: () => true });
    await it.step.remember(applierHeld, true);
    await undo(it);
    expect(it.standby.ran).toEqual([]);
  });

  it('stops one again that the user stopped just as it was started', async () => {
    let held = false;
    const it = ground({ isHeld: () => held });
    it.standby.starting = () => { held = true; };
    await it.step.remember(applierHeld, true);
    await undo(it);
    expect([it.standby.ran.at(-1), it.standby.runs]).toEqual(['STOP', false]);
  });

  it('leaves the filters of a link that no task has set', async () => {
    const it = ground();
    it.standby.wild = 'shop.%';
    await it.step.remember(applierHeld, true);
    await undo(it, '');
    expect([it.standby.runs, it.standby.wild, it.standby.ran.includes('CHANGE')]).toEqual([true, 'shop.%', false]);
  });

  it('starts a standby that another task owns with the filters of that task', async () => {
    const it = ground({ filterScope: () => part });
    await it.step.remember(applierHeld, true);
    await undo(it, '');
    expect([it.standby.runs, it.standby.wild]).toEqual([true, 'antipode.%,shop.%']);
  });
});

describe('an applier that is held for a moment', () => {
  it('goes on with the filters that a restart of its server has taken', async () => {
    const { standby, step } = ground();
    standby.wild = 'antipode.%,shop.%';
    const applier = new HeldApplier({ fleet: standby.fleet, spec: spec(part) }, step);
    await applier.hold();
    standby.wild = '';
    await applier.letGo();
    expect([standby.ran, standby.wild]).toEqual([['STOP', 'STOP', 'CHANGE', 'START'], 'antipode.%,shop.%']);
  });

  it('of which a part is compared goes on with the filters of all that the link carries', async () => {
    const { standby, step } = ground();
    const applier = new HeldApplier({ fleet: standby.fleet, spec: spec({ kind: 'partial', databases: [{ database: 'shop', tables: ['t'] }] }), carries: part }, step);
    await applier.hold();
    await applier.letGo();
    expect(standby.wild).toBe('antipode.%,shop.%');
  });

  it('keeps the filters of a link that no task owns', async () => {
    const { standby, step } = ground();
    standby.wild = 'other.%';
    const applier = new HeldApplier({ fleet: standby.fleet, spec: spec(whole), filterScope: () => null }, step);
    await applier.hold();
    await applier.letGo();
    expect([standby.ran, standby.wild]).toEqual([['STOP', 'STOP', 'START'], 'other.%']);
    await ensureFilters({ spec: spec(whole) }, step, standby.session, 'standby');
    expect(standby.wild).toBe('');
  });

  it('stands still at the position: its last transaction is in gtid_executed before its rows are seen, on servers from before 5.7.5', async () => {
    const { standby, step } = ground();
    const position = parseGtidSet('aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee:1-5');
    standby.starting = () => { standby.executed = position.toLine(); };
    await applyTo(followed({ fleet: standby.fleet, spec: spec(whole) }, step), step, standby.session, 'standby', position, 'verify');
    expect([standby.ran, standby.runs]).toEqual([['START', 'STOP'], false]);
  });

  it('does not go to the position once the user has stopped it', async () => {
    const { standby, step } = ground();
    const link = followed({ fleet: standby.fleet, spec: spec(whole), isHeld: () => true }, step);
    const position = parseGtidSet('aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee:1-5');
    await expect(applyTo(link, step, standby.session, 'standby', position, 'verify')).rejects.toMatchObject({ error: { code: 'step-failed' } });
    expect(standby.ran).toEqual([]);
  });
});

it('a change of scope that is taken back gives a link its filters, and does not start it where the user has stopped it', async () => {
  const { standby, step } = ground();
  const before = { fleet: standby.fleet, spec: spec(part), isHeld: () => true };
  const run: Pick<ScopeRun, 'before' | 'deps'> = { before, deps: { fleet: standby.fleet, isHeld: () => true } as Pick<ScopeRun['deps'], 'isHeld'> as ScopeRun['deps'] };
  await haltStep(run as ScopeRun).undo?.(step);
  expect([standby.ran, standby.runs]).toEqual([['STOP', 'CHANGE'], false]);
});
