import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failbackStages, type RejoinWay } from '../../../shared/domain/promotion/failback/failback';
import { readingOf, type BothServers } from '../../../shared/domain/promotion/failback/reading';
import { isDecided, provenSince, stageOf, type FailbackMemory } from '../../../shared/domain/promotion/failback/stage';
import { bestWay, wayOf, waysOf } from '../../../shared/domain/promotion/failback/ways';
import { undoStanding } from '../../../shared/domain/promotion/failback/undo';
import { parseGtidSet } from '../../../shared/domain/gtid/set';
import { message } from '../../../shared/i18n/message';
import { channel, facts, uuidOfNumber } from '../../fixtures/facts';

const A = '11111111-1111-1111-1111-111111111111';
const B = '22222222-2222-2222-2222-222222222222';
const clock = { now: 10_000_000, proofMinutes: 60 };
const servers = (over: Partial<BothServers> = {}): BothServers => ({
  oldUuid: A, replicas: 0, unsecured: [], oldFollows: 'no', successorFollows: 'no', divergence: { count: 0, set: '', at: 1 }, behind: 5, setBack: 0, logThere: true, ...over,
});
const memory = (over: Partial<FailbackMemory> = {}): FailbackMemory => ({ givenUp: '', rejoinedAt: null, returnedAt: null, ended: false, ...over });
const lost = { count: 3, set: `${A}:5-7`, at: 1 };

describe('the stage of a failback', () => {
  it.each([
    ['away', null, memory(), null],
    ['secure', servers({ unsecured: ['writes'], divergence: lost }), memory(), null],
    ['divergent', servers({ divergence: lost }), memory(), null],
    ['divergent', servers({ divergence: null }), memory(), null],
    ['divergent', servers({ divergence: lost }), memory({ givenUp: `${A}:5-6` }), null],
    ['rejoin', servers({ divergence: lost }), memory({ givenUp: `${A}:5-7` }), null],
    ['rejoin', servers(), memory(), null],
    // A link that is there, of which nothing says that it is a standby's, is no rejoin.
    ['rejoin', servers({ oldFollows: 'running' }), memory(), null],
    ['catch-up', servers({ oldFollows: 'stopped' }), memory({ rejoinedAt: 1 }), { at: 2, gtidSet: '', method: 'position' }],
    ['catch-up', servers({ oldFollows: 'running', behind: 100_000 }), memory({ rejoinedAt: 1 }), null],
    ['verify', servers({ oldFollows: 'running' }), memory({ rejoinedAt: 1 }), null],
    // Of a link before this one, and too old.
    ['verify', servers({ oldFollows: 'running' }), memory({ rejoinedAt: 9_000_000 }), { at: 8_999_999, gtidSet: '', method: 'position' }],
    ['verify', servers({ oldFollows: 'running' }), memory({ rejoinedAt: 1 }), { at: 10_000_000 - 3_600_001, gtidSet: '', method: 'position' }],
    ['switch-back', servers({ oldFollows: 'running' }), memory({ rejoinedAt: 1 }), { at: 9_999_999, gtidSet: '', method: 'position' }],
    ['verify-forward', servers({ successorFollows: 'running' }), memory({ rejoinedAt: 1, returnedAt: 9_000_000 }), { at: 2, gtidSet: '', method: 'position' }],
    ['done', servers({ successorFollows: 'running' }), memory({ rejoinedAt: 1, returnedAt: 9_000_000 }), { at: 9_000_001, gtidSet: '', method: 'position' }],
    // A link of before the fire, which the emergency could not take off, brings nobody home.
    ['secure', servers({ successorFollows: 'stopped', unsecured: ['writes'] }), memory(), null],
    ['rejoin', servers({ successorFollows: 'stopped' }), memory(), null],
    // A link forward that does not run is not proven by a comparison of before.
    ['verify-forward', servers({ successorFollows: 'stopped' }), memory({ rejoinedAt: 1, returnedAt: 9_000_000 }), { at: 9_000_001, gtidSet: '', method: 'position' }],
    ['done', null, memory({ ended: true }), null],
  ] as const)('is %s', (stage, read, kept, proof) => {
    expect(stageOf({ servers: read, isUnwatched: false }, kept, proof, clock)).toBe(stage);
  });

  it('says that a server is not watched, and not that it is away; what is over stays over', () => {
    expect(stageOf({ servers: null, isUnwatched: true }, memory(), null, clock)).toBe('unwatched');
    expect(stageOf({ servers: null, isUnwatched: true }, memory({ ended: true }), null, clock)).toBe('done');
    const health = { state: 'unknown', lastSuccessAt: 1, lastAttemptAt: 1, failingSince: null } as const;
    const paused = { by: 'ann', since: 1, until: null, note: '' };
    const [old, successor] = [facts(1), facts(2)];
    expect(readingOf({ facts: old, health, paused: null }, { facts: successor, health, paused })).toEqual({ servers: null, isUnwatched: true });
    expect(readingOf({ facts: old, health, paused: null }, { facts: successor, health, paused: null })).toEqual({ servers: null, isUnwatched: false });
  });

  it('never offers the way back, nor a way to rejoin, on anything that is not proven', () => {
    const following = fc.constantFrom('no' as const, 'stopped' as const, 'running' as const);
    const anyServers = fc.record({
      oldUuid: fc.constant(A), replicas: fc.constant(0), unsecured: fc.subarray(['writes', 'channels', 'events', 'log'] as const), oldFollows: following, successorFollows: following,
      divergence: fc.option(fc.constantFrom(lost, { count: 0, set: '', at: 1 })), behind: fc.option(fc.nat(2000)), setBack: fc.nat(3), logThere: fc.boolean(),
    });
    const moment = fc.option(fc.integer({ min: 0, max: clock.now }));
    const anyMemory = fc.record({ givenUp: fc.constantFrom('', `${A}:5-7`, `${A}:5`), rejoinedAt: moment, returnedAt: moment, ended: fc.constant(false) });
    fc.assert(fc.property(fc.option(anyServers), anyMemory, moment, (read, kept, at) => {
      const proof = at === null ? null : { at, gtidSet: '', method: 'position' as const };
      const stage = stageOf({ servers: read, isUnwatched: false }, kept, proof, clock);
      expect(failbackStages).toContain(stage);
      if (stage === 'switch-back') expect([read?.oldFollows, provenSince(proof, kept.rejoinedAt, clock)]).toEqual(['running', true]);
      if (stage === 'done' || stage === 'verify-forward') expect(kept.rejoinedAt).not.toBeNull();
      if (stage === 'done') expect([read?.successorFollows, provenSince(proof, kept.returnedAt, clock)]).toEqual(['running', true]);
      if (stage === 'rejoin') expect([read?.unsecured, read !== null && isDecided(read, kept)]).toEqual([[], true]);
      if (read === null) expect(stage).toBe('away');
    }));
  });
});

describe('the ways to rejoin', () => {
  const proposal = { seed: 'clone' as const, reason: message('failback.way.seed-unread'), estimateSeconds: 9, alternatives: [{ seed: 'copy' as const, possible: true, reason: message('failback.way.purged') }] };
  const whole = { isWhole: true, undo: null };
  const follow = (over: Partial<BothServers>, formerUuid: string | null = A) => waysOf({ servers: servers(over), formerUuid, proposal, ...whole })[0];

  it.each([
    ['failback.way.follows', true, {}, A],
    ['failback.way.follows', true, {}, null],
    ['failback.way.other-server', false, {}, B],
    ['failback.way.no-gtids', false, { divergence: null }, A],
    ['failback.way.divergent', false, { divergence: lost }, A],
    ['failback.way.purged', false, { logThere: false }, A],
    // What it has forgotten bears its own server_id: no link brings it back, and it would be waited for for ever.
    ['failback.way.set-back', false, { setBack: 2 }, A],
    ['failback.way.set-back', false, { setBack: 2, divergence: lost }, A],
  ] as const)('following: %s', (key, possible, over, former) => {
    expect([follow(over, former)?.reason.key, follow(over, former)?.possible]).toEqual([key, possible]);
  });

  const undoing = (over: Partial<BothServers>, formerUuid: string | null = A, more: Partial<typeof whole> | { readonly undo: 'resetting' } = {}) =>
    waysOf({ servers: servers({ divergence: lost, ...over }), formerUuid, proposal, ...whole, ...more })[1];

  it.each([
    ['failback.way.undoes', true, {}, A, {}],
    ['failback.way.other-server', false, {}, B, {}],
    ['failback.way.no-gtids', false, { divergence: null }, A, {}],
    ['failback.way.nothing-to-undo', false, { divergence: { count: 0, set: '', at: 1 } }, A, {}],
    ['failback.way.undo-partial', false, {}, A, { isWhole: false }],
    ['failback.way.undo-replicas', false, { replicas: 1 }, A, {}],
    ['failback.way.purged', false, { logThere: false }, A, {}],
    ['failback.way.set-back', false, { setBack: 2 }, A, {}],
    // Its numbers may be gone by now: only the undoing knows what to do.
    ['failback.way.undo-broken', true, { divergence: { count: 0, set: '', at: 1 } }, A, { undo: 'resetting' as const }],
  ] as const)('undoing: %s', (key, possible, over, former, more) => {
    expect([undoing(over, former, more)?.reason.key, undoing(over, former, more)?.possible]).toEqual([key, possible]);
  });

  it('never follows while numbers are being reset, and never undoes unless that was chosen', () => {
    const broken = waysOf({ servers: servers(), formerUuid: A, proposal, isWhole: true, undo: 'resetting' });
    expect(broken[0]).toMatchObject({ way: 'follow', possible: false });
    expect([wayOf(broken, 'undo', 'copy'), wayOf(broken, null, 'copy')]).toEqual(['undo', 'copy']);
    const done = waysOf({ servers: servers(), formerUuid: A, proposal, isWhole: true, undo: 'done' });
    expect([wayOf(done, 'undo', 'copy'), wayOf(done, 'copy', 'copy')]).toEqual(['follow', 'copy']);
    const none = waysOf({ servers: servers({ divergence: lost }), formerUuid: A, proposal: null, ...whole });
    expect(bestWay(none, null)).toBe('copy');
  });

  it('is to follow where that can be, else what the seed proposes, else what is left', () => {
    const verdicts = (possible: readonly RejoinWay[]) => (['follow', 'copy', 'clone'] as const).map((way) => ({ way, possible: possible.includes(way), reason: message('failback.way.purged'), estimateSeconds: null }));
    expect(bestWay(verdicts(['follow', 'copy', 'clone']), 'clone')).toBe('follow');
    expect(bestWay(verdicts(['copy', 'clone']), 'clone')).toBe('clone');
    expect(bestWay(verdicts(['copy']), 'clone')).toBe('copy');
    expect(bestWay(verdicts([]), 'clone')).toBeNull();
    expect(waysOf({ servers: servers(), formerUuid: A, proposal, ...whole }).map(({ way, possible, estimateSeconds }) => [way, possible, estimateSeconds]))
      .toEqual([['follow', true, 2], ['undo', false, null], ['copy', true, null], ['clone', true, 9]]);
    const divergent = waysOf({ servers: servers({ divergence: lost, behind: 100_000 }), formerUuid: A, proposal, ...whole }).find(({ way }) => way === 'undo');
    // Taken back, and then what came since is fetched.
    expect([divergent?.possible, divergent?.estimateSeconds]).toEqual([true, 203]);
  });
});

describe('where an undoing stands', () => {
  const at = (executed: string, state: 'meant' | 'resetting') => undoStanding(
    parseGtidSet(executed), { own: parseGtidSet(`${A}:1-7`), undone: parseGtidSet(`${A}:1-7,${B}:1`), target: parseGtidSet(`${A}:1-4`) }, state,
  );

  it.each([
    ['not-undone', `${A}:1-7`, 'meant'],
    ['undone', `${A}:1-7,${B}:1`, 'meant'],
    ['undone', `${A}:1-7,${B}:1`, 'resetting'],
    ['emptied', '', 'resetting'],
    ['numbered', `${A}:1-4`, 'resetting'],
    // Somebody wrote meanwhile, or emptied it without us.
    ['written-since', `${A}:1-8,${B}:1`, 'resetting'],
    ['written-since', `${A}:1`, 'resetting'],
    ['written-since', '', 'meant'],
  ] as const)('is %s', (standing, executed, state) => {
    expect(at(executed, state)).toBe(standing);
  });
});

describe('the reading of both servers', () => {
  const reachable = { state: 'reachable' as const, lastSuccessAt: 1, lastAttemptAt: 1, failingSince: null };
  const of = (one: Parameters<typeof facts>[1]) => ({ health: reachable, facts: facts(1, one), paused: null });
  const successor = (executed = '') => ({ health: reachable, facts: facts(2, { executed }), paused: null });

  it('is none where one of both was not reached', () => {
    expect(readingOf({ health: { ...reachable, state: 'unreachable' }, facts: facts(1), paused: null }, successor())).toEqual({ servers: null, isUnwatched: false });
    expect(readingOf(of({}), { health: reachable, facts: null, paused: null })).toEqual({ servers: null, isUnwatched: false });
  });

  it('names what is not safe yet', () => {
    const server = { readOnly: false, superReadOnly: false, eventScheduler: 'ON', binlogExpireSeconds: 60 };
    const open = readingOf(of({ server, channels: [channel(9)] }), successor());
    expect(open.servers?.unsecured).toEqual(['writes', 'channels', 'events', 'log']);
    // Before 5.7.8 read_only is all there is; what a server does not say of its log counts against it.
    const old = readingOf(of({ server: { readOnly: true, superReadOnly: null, eventScheduler: 'OFF', binlogExpireSeconds: null } }), successor());
    expect(old.servers?.unsecured).toEqual(['log']);
    const plain = readingOf(of({ server: { readOnly: true, superReadOnly: false, eventScheduler: 'OFF', binlogExpireSeconds: 0 } }), successor());
    expect(plain.servers?.unsecured).toEqual(['writes']);
  });

  it('knows a link by the identity of its source, and counts what each lacks', () => {
    const u = uuidOfNumber(1);
    const read = readingOf(of({ channels: [channel(2)], executed: `${u}:1-10` }), successor(`${u}:1-8,${uuidOfNumber(2)}:1-4`));
    expect(read.servers).toMatchObject({ oldFollows: 'running', successorFollows: 'no', divergence: { count: 2 }, behind: 4 });
    expect(readingOf(of({ channels: [channel(7)] }), successor()).servers?.oldFollows).toBe('no');
  });

  it('knows a server that was set back by transactions of its own that it has no more, whatever it wrote since', () => {
    const [u, v] = [uuidOfNumber(1), uuidOfNumber(2)];
    const setBack = (own: string, other: string) => readingOf(of({ executed: own }), successor(other)).servers?.setBack;
    expect(setBack(`${u}:1-5`, `${u}:1-8,${v}:1-4`)).toBe(3);
    expect(setBack('', `${u}:1-8`)).toBe(8);
    expect(setBack(`${u}:1-5:20`, `${u}:1-8`)).toBe(3);
    // To be behind others is no loss of memory.
    expect(setBack(`${u}:1-9`, `${u}:1-8,${v}:1-4`)).toBe(0);
  });
});
