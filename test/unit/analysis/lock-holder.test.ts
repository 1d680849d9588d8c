import { describe, expect, it } from 'vitest';
import { analyseFleet, noMemory } from '../../../shared/domain/analysis/analysis';
import { holderOf, holderParams, conflictingHolder, othersAtWork, sessionAttributes, type LockHolder, type LockProcess } from '../../../shared/domain/tasks/lock-holder';
import { translator } from '../../../shared/i18n/translate';
import { facts, member, T0 } from '../../fixtures/facts';

const since = T0 - 240_000;
const told = sessionAttributes({ operator: 'alice@ws-2', since, instance: 'orders-gz', run: 'run-2', purpose: { kind: 'sync', name: 'orders' } });
const process = (change: Partial<LockProcess> = {}): LockProcess => ({ connectionId: 12, shared: false, login: { user: 'root', host: '10.0.0.5:50112' }, attributes: new Map(Object.entries(told)), ...change });
const holder = (change: Partial<LockHolder> = {}): LockHolder => ({ ...holderOf(process(), T0), ...change });
const bytesOf = (attributes: Record<string, string>): number =>
  Object.entries(attributes).reduce((sum, [name, content]) => sum + Buffer.byteLength(name) + Buffer.byteLength(content) + 4, 0);

describe('who holds the lock of a server', () => {
  it('is read back from what the holder told the server', () => {
    expect(holderOf(process(), T0)).toEqual({ connectionId: 12, shared: false, who: 'alice', from: 'ws-2', login: 'root@10.0.0.5', since, purpose: { kind: 'sync', name: 'orders' }, run: 'run-2' });
  });

  it.each<[string, Partial<LockProcess>, Partial<LockHolder>]>([
    ['no attributes (performance_schema is off)', { attributes: new Map() }, { who: 'root', from: '10.0.0.5', login: null, since: null, purpose: null, run: null }],
    ['neither attributes nor a process that is shown', { attributes: new Map(), login: null }, { who: '#12', from: '', since: null }],
    ['an address of IPv6', { attributes: new Map(), login: { user: 'root', host: '2001:db8::5:50112' } }, { from: '2001:db8::5' }],
    ['a process without a port', { attributes: new Map(), login: { user: 'root', host: 'localhost' } }, { from: 'localhost' }],
    ['a kind of a later version', { attributes: new Map(Object.entries({ ...told, antipode_kind: 'teleport' })) }, { who: 'alice', purpose: null }],
    ['a clock that is ahead of ours', { attributes: new Map(Object.entries({ ...told, antipode_since: '2999-01-01T00:00:00.000Z' })) }, { since: T0 }],
    ['a moment that is none', { attributes: new Map(Object.entries({ ...told, antipode_since: 'yesterday' })) }, { since: null }],
    ['an account with an @ of its own', { attributes: new Map(Object.entries({ ...told, antipode_operator: 'alice@corp@ws-2' })) }, { who: 'alice@corp', from: 'ws-2' }],
    ['attributes that were cut off', { attributes: new Map([['program_name', 'antipode'], ['antipode_run', 'run-2']]) }, { who: 'root', from: '10.0.0.5', run: 'run-2', purpose: null }],
  ])('%s', (_, change, expected) => {
    expect(holderOf(process(change), T0)).toMatchObject(expected);
  });

  it('what runs the statements of the user is told as a client, which a switch closes', () => {
    expect(told['program_name']).toBe('antipode');
    expect(sessionAttributes({ operator: 'alice@ws-2', since, ofUser: true })['program_name']).toBe('antipode-sql');
  });

  it('fits into what a server keeps by default, whatever names are long; the last of them is what is lost', () => {
    const long = sessionAttributes({ operator: `${'运'.repeat(300)}@${'w'.repeat(300)}`, since, instance: '实'.repeat(300), run: '0f8fad5b-d9cb-469f-a165-70867728950e', purpose: { kind: 'gtid-change', name: '务'.repeat(300) } });
    // The driver adds its own name and version, 49 bytes and their lengths.
    expect(bytesOf(long)).toBeLessThan(512 - 60);
    expect(long['antipode_task']).toBe('务'.repeat(32));
    expect(Object.keys(long).at(-1)).toBe('antipode_instance');
  });

  it('is somebody else unless the run is ours, and where that is not told, unless the connection is', () => {
    const holders = [holder(), holder({ run: 'own', connectionId: 13 }), holder({ run: null, connectionId: 14 }), holder({ run: null, connectionId: 15 })];
    expect(othersAtWork(holders, { run: 'own', connections: new Set([14]) }).map(({ connectionId }) => connectionId)).toEqual([12, 15]);
    // Another process of this workstation and this very account is another.
    expect(othersAtWork(holders, { run: 'run-3', connections: new Set([12]) }).map(({ connectionId }) => connectionId)).toEqual([12, 13, 14, 15]);
    expect(othersAtWork([], { run: 'own', connections: new Set() })).toEqual([]);
  });

  it('keeps out what it does not share with', () => {
    const shared = holder({ shared: true });
    expect(conflictingHolder([shared], true)).toBeNull();
    expect(conflictingHolder([shared], false)).toBe(shared);
    expect(conflictingHolder([shared, holder()], true)).toMatchObject({ shared: false });
    expect(conflictingHolder([], false)).toBeNull();
  });

  it('stays as it was last seen while the server is away, and goes with the next reading without it', () => {
    const held = facts(1, { lockHolders: [holder()] });
    const see = (reading: typeof held, health: 'reachable' | 'unreachable') => analyseFleet([member(1, { facts: reading, health })], noMemory, T0, 30, 'own').views[0]?.othersAtWork;
    expect(see(held, 'reachable')).toEqual([holder()]);
    expect(see(held, 'unreachable')).toEqual([holder()]);
    expect(see(facts(1), 'reachable')).toEqual([]);
  });

  it('is named in the words of the refusal, in both languages', () => {
    const at = new Date(since).toISOString();
    expect(translator('en')('errors.lock-held', holderParams(holder()))).toBe(`alice@ws-2 (root@10.0.0.5) has been at work here since ${at}: sync task “orders”`);
    expect(translator('zh-CN')('errors.lock-held', holderParams(holder({ purpose: { kind: 'gtid-change', name: 'orders-gz' } })))).toBe(`alice@ws-2 (root@10.0.0.5) 自 ${at} 起正在此处操作：为 orders-gz 开启 GTID`);
    expect(translator('en')('errors.lock-held', holderParams(holder({ purpose: null, since: null, from: '', login: null })))).toBe('alice has been at work here since ?: ?');
  });
});
