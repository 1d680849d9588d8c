// What is decided and told while a server is coming back: once for each return, and by what the server is in the end.
import { nothingLeftOut } from '../../../electron/replication/left-out';
import { describe, expect, it } from 'vitest';
import { ConnectError, MysqlError } from '../../../electron/mysql/errors';
import type { Fleet } from '../../../electron/fleet/types';
import { untilRunning } from '../../../electron/replication/threads';
import { retryAfterRestart } from '../../../electron/replication/retry';
import { Protections } from '../../../electron/sync/scope/coverage';
import { newRecord } from '../../../electron/sync/records';
import { ToldOnce } from '../../../electron/sync/link/told-once';
import type { AuditLog } from '../../../electron/storage/types';
import { failure } from '../../../shared/errors/codes';
import { fakeSession } from '../../fixtures/fake-session';
import { loneStep } from '../../fixtures/lone-step';
import { instanceView } from '../../fixtures/renderer-fleet';
import { copySpec } from '../../fixtures/sync-spec';

const lost = (server = 'standby'): MysqlError => new MysqlError({ code: 'connection-lost', params: { host: 'h', port: 1 }, server }, 0, '');
const refused = (): ConnectError => new ConnectError({ code: 'tcp-refused', params: { host: 'h', port: 1 }, server: 'standby' }, 0, '', 'tcp');

function auditLog() {
  const lines: string[] = [];
  return {
    lines,
    log: {
      append: ({ action, outcome, detail }: Parameters<AuditLog['append']>[0]) => void lines.push(`${action} ${outcome} ${String(detail['code'])}`),
      list: () => [],
      export: () => '',
      verify: () => Promise.resolve({ state: 'intact', entries: 0, old: 0, torn: 0, brokenAt: null, missing: 0, end: null, waiting: 0 } as const),
    },
  };
}

describe('the start of a link', () => {
  it('tells why the receiver does not connect once for each reason, however often it tries', async () => {
    const reasons: readonly (readonly [string, number, string])[] = [
      ...[1, 2, 3].map((attempt): [string, number, string] => ['Connecting', 2003, `error connecting - retry-time: 3 retries: ${String(attempt)}`]),
      ...[4, 5].map((attempt): [string, number, string] => ['Connecting', 1045, `error connecting - retry-time: 3 retries: ${String(attempt)}`]),
      ['Yes', 0, ''],
    ];
    let asked = 0;
    const session = fakeSession('standby', (sql) => {
      if (!/SHOW REPLICA STATUS/.test(sql)) return [];
      const [receiver, errno, error] = reasons[Math.min(asked, reasons.length - 1)]!;
      asked += 1;
      return [{
        Replica_IO_Running: receiver, Replica_SQL_Running: 'Yes', Last_IO_Errno: errno, Last_IO_Error: error, Last_SQL_Errno: 0, Last_SQL_Error: '',
        Until_Condition: 'None', Channel_Name: '', Source_Host: 'h',
      }];
    });
    const logged: string[] = [];
    let waits = 0;
    const step = loneStep({
      log: (_level, key, params) => void logged.push(`${key} ${String(params?.['detail'])}`),
      waitFor: async (_what, condition) => {
        waits += 1;
        while (!(await condition())) await Promise.resolve();
      },
    });
    const never = (): Promise<never> => Promise.reject(new Error('nothing is read'));
    await untilRunning({ scope: copySpec('n', 'a', 'b').scope, leftOut: nothingLeftOut, logged: never, another: never }, step, session, 'standby');
    expect(logged).toEqual(['sync.log.receiver error connecting - retry-time: 3 retries: 1', 'sync.log.receiver error connecting - retry-time: 3 retries: 5']);
    expect(waits).toBe(2);
  });
});

describe('a step that outlives the absence of a server', () => {
  const ground = (ask: () => void): Parameters<typeof retryAfterRestart>[0] => {
    const withSession: Fleet['withSession'] = async (_id, use) => {
      ask();
      return use(fakeSession('standby', () => [{ uuid: 'u' }]));
    };
    const named = (id: string): ReturnType<Fleet['instance']> => ({ ...instanceView(1, { id, region: 'gz', role: 'standby' }).instance, name: id, serverUuid: null });
    return { fleet: { instance: named, withSession }, spec: copySpec('n', 'source', 'standby') };
  };

  it('begins anew also where the server goes again while it is waited for or locked, and names each absence', async () => {
    const logged: string[] = [];
    const troubles = [lost(), lost()];
    let runs = 0;
    let asked = 0;
    const step = retryAfterRestart(
      ground(() => {
        asked += 1;
        // Between its first answer and the next one.
        if (asked === 2) throw lost();
      }),
      {
        check: () => Promise.resolve(),
        retake: async () => {
          const trouble = troubles.pop();
          if (trouble !== undefined) throw trouble;
        },
      },
      {
        id: 's', title: { key: 'tasks.title' },
        run: async () => {
          runs += 1;
          if (runs === 1) throw lost();
        },
      },
    );
    await step.run(loneStep({ log: (_level, key) => void logged.push(key) }));
    expect(runs).toBe(2);
    expect(logged).toEqual([...Array.from({ length: 4 }, () => 'sync.log.away'), 'sync.log.again']);
  });

  it.each([
    ['refused a statement', new MysqlError({ code: 'query-failed', params: { errno: 1146, sqlState: '42S02' }, server: 'standby' }, 1146, '42S02')],
    ['left one that nobody could end', failure('may-take-hold', { server: 'standby', connection: 7 }, { server: 'standby' })],
  ])('begins anew where a server that is being shut down %s, and fails at once where the server takes new sessions', async (_what, untrue) => {
    for (const isLeaving of [true, false]) {
      let [runs, asked] = [0, 0];
      const logged: string[] = [];
      const step = retryAfterRestart(
        ground(() => {
          asked += 1;
          if (isLeaving && asked === 1) throw refused();
        }),
        { check: () => Promise.resolve(), retake: () => Promise.resolve() },
        {
          id: 's', title: { key: 'tasks.title' },
          run: async () => {
            runs += 1;
            if (runs === 1) throw untrue;
          },
        },
      );
      const running = step.run(loneStep({ log: (_level, key) => void logged.push(key) }));
      if (isLeaving) await running;
      else await expect(running).rejects.toBe(untrue);
      expect([runs, logged]).toEqual(isLeaving ? [2, ['sync.log.away', 'sync.log.again']] : [1, []]);
    }
  });

  it('is given up where that never ends, with the reason of the last absence, and at once where it is no absence', async () => {
    const never = retryAfterRestart(ground(() => undefined), { check: () => Promise.resolve(), retake: () => Promise.reject(lost('source')) }, {
      id: 's', title: { key: 'tasks.title' }, run: () => Promise.reject(lost()),
    });
    await expect(never.run(loneStep())).rejects.toMatchObject({ error: { code: 'connection-lost', server: 'source' } });
    const other = retryAfterRestart(ground(() => undefined), { check: () => Promise.resolve(), retake: () => Promise.reject(failure('lock-held', { holder: '?', since: '?', kind: 'other', what: 'n' })) }, {
      id: 's', title: { key: 'tasks.title' }, run: () => Promise.reject(lost()),
    });
    await expect(other.run(loneStep())).rejects.toMatchObject({ error: { code: 'lock-held' } });
  });
});

describe('what is tried again at every reading', () => {
  it('is told when it begins to fail, when it fails otherwise, and when it fails again after it went well', async () => {
    const { lines, log } = auditLog();
    const failures = new ToldOnce(log, 'sync.filter-drift');
    for (const attempt of [refused(), refused(), lost(), lost(), null, lost()]) {
      failures.try('s', 'standby', attempt === null ? Promise.resolve() : Promise.reject(attempt));
      await new Promise(setImmediate);
    }
    failures.try('other', 'standby', Promise.reject(lost()));
    await new Promise(setImmediate);
    expect(lines.map((line) => line.split(' ').at(-1))).toEqual(['tcp-refused', 'connection-lost', 'connection-lost', 'connection-lost']);
  });

  it('so that a night without the standby is one line of the audit log', async () => {
    const { lines, log } = auditLog();
    let now = 1_000_000;
    const away = (): never => {
      throw refused();
    };
    const lost = (): Promise<never> => Promise.reject(refused());
    const fleet = { withSession: lost, connect: lost, instance: away, noteScopeFindings: () => undefined };
    const protections = new Protections(fleet, log, () => now, () => nothingLeftOut, () => true);
    const record = newRecord('id', copySpec('n', 'a', 'b', { scope: { kind: 'partial', databases: [{ database: 'shop', tables: null }] } }), 0);
    for (let minute = 0; minute < 600; minute += 1) {
      now += 61_000;
      protections.look(record);
      await new Promise(setImmediate);
    }
    expect(lines).toEqual(['sync.protection failed tcp-refused']);
  });
});
