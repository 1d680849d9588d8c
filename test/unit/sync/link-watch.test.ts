// What the watch over a partial link does with the readings of its standby, and what it tells of what it could not do.
import { nothingLeftOut } from '../../../electron/replication/left-out';
import { describe, expect, it } from 'vitest';
import type { Fleet } from '../../../electron/fleet/types';
import { ConnectError } from '../../../electron/mysql/errors';
import type { AuditLog } from '../../../electron/storage/types';
import { LinkWatch } from '../../../electron/sync/link/watch';
import { newRecord } from '../../../electron/sync/records';
import { guardsFilters, type ExpectedFilters } from '../../../shared/domain/analysis/input';
import { wholeInstance } from '../../../shared/domain/scope/scope';
import { filtersForScope } from '../../../shared/domain/scope/filters';
import type { InstanceView } from '../../../shared/domain/fleet/view';
import { facts, instanceView } from '../../fixtures/renderer-fleet';
import { copySpec } from '../../fixtures/sync-spec';

const spec = copySpec('task', 'source', 'standby', { scope: { kind: 'partial', databases: [{ database: 'shop', tables: null }] } });
const record = { ...newRecord('id', spec, 0), outcome: 'linked' as const };
const timeout = new ConnectError({ code: 'tcp-timeout', params: { host: 'h', port: 1, seconds: 10 }, server: 'standby' }, 0, '', 'tcp');
const noRoute = new ConnectError({ code: 'host-unreachable', params: { host: 'h', port: 1 }, server: 'standby' }, 0, '', 'tcp');

/** A reading of the standby, with the filters of its scope or none. */
function reading(filters: 'fit' | 'gone'): InstanceView {
  const view = instanceView(1, { id: 'standby', region: 'gz', role: 'standby', source: 'source' });
  const [channel] = view.facts?.channels ?? [];
  if (channel === undefined) throw new Error('A standby has a channel.');
  return { ...view, facts: { ...facts(1), channels: [{ ...channel, ...(filters === 'fit' ? { filters: filtersForScope(spec.scope) } : {}) }] } };
}

/** A watch over a standby that answers as the test says, each time it is asked. */
function watched() {
  const lines: string[] = [];
  const asked: ((thrown: Error | null) => void)[] = [];
  const readFacts: Fleet['readFacts'] = () => new Promise((resolve, reject) => {
    const fitting = reading('fit').facts;
    asked.push((thrown) => (thrown !== null || fitting === null ? reject(thrown) : resolve(fitting)));
  });
  const fleet: Pick<Fleet, 'readFacts' | 'instance'> = { readFacts, instance: () => reading('fit').instance };
  const append: AuditLog['append'] = ({ action, outcome, detail }) => void lines.push(`${action} ${outcome} ${String(detail['code'])}`);
  const watch = new LinkWatch({
    fleet: fleet as Fleet, audit: { append, list: () => [], export: () => '', verify: () => Promise.resolve({ state: 'intact', entries: 0, old: 0, torn: 0, brokenAt: null, missing: 0, end: null, waiting: 0 } as const) }, alert: () => undefined,
    protections: { look: () => undefined }, leftOut: () => nothingLeftOut, changing: () => null,
    reapply: () => Promise.resolve(), startReceiver: () => Promise.resolve(),
  });
  const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
  return {
    lines,
    look: async (view: InstanceView) => {
      watch.look(record, view);
      await settled();
    },
    /** Answers the question that is open; null: the filters are those of the scope. */
    answer: async (thrown: Error | null) => {
      const open = asked.pop();
      if (open === undefined) throw new Error('Nothing was asked.');
      open(thrown);
      await settled();
    },
    isAsked: () => asked.length > 0,
  };
}

describe('the filters that are expected of a standby', () => {
  it.each([
    ['of a part are guarded, and while they are made', spec, 'linked', true], ['of a part that is made', spec, 'created', true],
    ['of a whole instance are none to guard', { ...spec, scope: wholeInstance }, 'linked', false],
    ['of a whole instance whose link is made', { ...spec, scope: wholeInstance }, 'created', false],
  ] as const)('%s', (_name, of, outcome, guards) => {
    const expected: (ExpectedFilters | undefined)[] = [];
    const fleet: Pick<Fleet, 'instances' | 'noteComparison' | 'expectFilters'> = {
      instances: () => [reading('fit').instance], noteComparison: () => undefined, expectFilters: (_id, filters) => void expected.push(filters),
    };
    const audit: Pick<AuditLog, 'append'> = { append: () => undefined };
    new LinkWatch({
      fleet: fleet as Fleet, audit: audit as AuditLog, alert: () => undefined, protections: { look: () => undefined }, leftOut: () => nothingLeftOut,
      changing: () => null, reapply: () => Promise.resolve(), startReceiver: () => Promise.resolve(),
    }).expectFilters({ ...newRecord('id', of, 0), outcome });
    expect(expected.map(guardsFilters)).toEqual([guards]);
  });
});

describe('the watch over a link whose standby cannot be asked', () => {
  it('says so once, however many readings come while it tries, and again after it went well', async () => {
    const { lines, look, answer } = watched();
    for (let night = 0; night < 10; night += 1) {
      await look(reading('gone'));
      // Readings come faster than a connection is given up.
      await look(reading('gone'));
      await answer(timeout);
      await look({ ...reading('gone'), health: { state: 'unreachable', lastSuccessAt: 1, lastAttemptAt: 2, failingSince: 2 } });
    }
    expect(lines).toEqual(['sync.filter-drift failed tcp-timeout']);
    await look(reading('gone'));
    await answer(null);
    await look(reading('gone'));
    await answer(timeout);
    expect(lines).toHaveLength(2);
  });

  it('says each reason once, in whatever order they come', async () => {
    const { lines, look, answer } = watched();
    for (const reason of [timeout, noRoute, timeout, noRoute]) {
      await look(reading('gone'));
      await answer(reason);
    }
    expect(lines).toEqual(['sync.filter-drift failed tcp-timeout', 'sync.filter-drift failed host-unreachable']);
  });

  it('tries one thing at a time, and anew at the next reading', async () => {
    const { look, answer, isAsked } = watched();
    await look(reading('gone'));
    await answer(timeout);
    expect(isAsked()).toBe(false);
    await look(reading('gone'));
    await look(reading('gone'));
    await answer(timeout);
    expect(isAsked()).toBe(false);
    await look(reading('gone'));
    expect(isAsked()).toBe(true);
  });
});
