import { describe, expect, it } from 'vitest';
import { Sampler } from '../../../electron/monitoring/sampler';
import { MysqlError } from '../../../electron/mysql/errors';
import { failure } from '../../../shared/errors/codes';
import { fakeSession } from '../../fixtures/fake-session';

interface Played {
  readonly sampler: Sampler;
  readonly sent: string[];
  connects: number;
  destroyed: number;
  /** Ended in order. */
  left: number;
  now: number;
  answer: (sql: string) => Promise<readonly Record<string, unknown>[]>;
}

const status = [{ Variable_name: 'Questions', Value: '10' }, { Variable_name: 'Uptime', Value: '5' }, { Variable_name: 'Odd', Value: 'x' }];
const refused = new MysqlError({ code: 'privilege-missing', params: { privilege: 'PROCESS' } }, 1227, '42000');

function play(version = '8.0.31'): Played {
  const played: Played = {
    sent: [], connects: 0, destroyed: 0, left: 0, now: 0,
    answer: (sql) => Promise.resolve(sql.startsWith('SHOW GLOBAL STATUS') ? status : []),
    sampler: new Sampler({
      connect: () => {
        played.connects += 1;
        let closed = false;
        const session = fakeSession('db1', (sql) => {
          played.sent.push(sql);
          return played.answer(sql);
        }, version);
        return Promise.resolve({
          ...session,
          get closed() { return closed; },
          destroy: () => { played.destroyed += closed ? 0 : 1; closed = true; },
          close: () => {
            played.left += closed ? 0 : 1;
            closed = true;
            return Promise.resolve();
          },
        });
      },
      own: () => ({ questions: 3, selects: 1 }), clock: () => 1_000 + played.now, steady: () => played.now,
    }),
  };
  return played;
}

describe('a sampler', () => {
  it('asks no more than three statements, over one session, and makes numbers of what is told', async () => {
    const played = play('5.7.22');
    expect(await played.sampler.sample(true)).toEqual({
      at: 1_000, steadyMs: 0, uptimeSeconds: 5, raw: { Questions: 10, Uptime: 5 }, own: { questions: 3, selects: 1 },
    });
    played.sent.length = 0;
    await played.sampler.sample(true);
    expect(played.sent.map((sql) => sql.slice(0, 18))).toEqual(['SHOW GLOBAL STATUS', 'SELECT NAME AS nam', 'SHOW ENGINE INNODB']);
    expect(played.connects).toBe(1);
  });

  it('touches no table and nothing that opens one', async () => {
    const played = play('5.7.22');
    await played.sampler.sample(true);
    expect(played.sent.filter((sql) => /information_schema\.(?!INNODB_METRICS)/i.test(sql))).toEqual([]);
  });

  it('asks once at a time: one that hangs is no queue', async () => {
    const played = play();
    let release: (() => void) | undefined;
    played.answer = () => new Promise((resolve) => { release = () => resolve(status); });
    const first = played.sampler.sample(true);
    await expect.poll(() => played.sent.length).toBe(1);
    expect(await played.sampler.sample(true)).toBeNull();
    played.answer = () => Promise.resolve(status);
    release?.();
    expect(await first).not.toBeNull();
  });

  it('waits after a failure, longer with each, and not after a connection that was lost', async () => {
    const played = play();
    const answer = played.answer;
    played.answer = () => Promise.reject(failure('query-timeout', { seconds: 3 }));
    const pauses: number[] = [];
    for (let at = 0; at < 7; at += 1) {
      const [began, before] = [played.now, played.connects];
      while (played.connects === before) {
        expect(await played.sampler.sample(true)).toBeNull();
        if (played.connects === before) played.now += 1_000;
      }
      pauses.push(played.now - began);
    }
    expect(pauses).toEqual([0, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000]);
    expect(played.destroyed).toBe(played.connects);
    expect(played.sampler.error?.code).toBe('query-timeout');
    played.now += 60_000;
    played.answer = () => Promise.reject(failure('connection-lost', { host: 'db1', port: 3306 }));
    await played.sampler.sample(true);
    played.answer = answer;
    expect(await played.sampler.sample(true)).not.toBeNull();
    expect(played.sampler.error).toBeNull();
  });

  it('says which right it lacks, goes on without, and asks again only after a while', async () => {
    const played = play('5.7.22');
    played.answer = (sql) => (sql.includes('INNODB') ? Promise.reject(refused)
      : Promise.resolve(sql.includes('CURRENT_USER') ? [{ account: "o'brien@10.0.%" }] : sql.startsWith('SHOW GLOBAL') ? status : []));
    expect(await played.sampler.sample(true)).toMatchObject({ raw: { Questions: 10 } });
    expect(played.sampler.refusedGrant).toBe("GRANT PROCESS ON *.* TO 'o''brien'@'10.0.%'");
    played.sent.length = 0;
    await played.sampler.sample(true);
    expect(played.sent.filter((sql) => sql.includes('INNODB'))).toEqual([]);
  });

  it('keeps no session that was opened with a login of before, and counts that as no failure', async () => {
    const played = play();
    const first = played.sampler.sample(true);
    played.sampler.reconnect();
    expect(await first).toBeNull();
    expect([played.connects, played.destroyed, played.sent, played.sampler.error]).toEqual([1, 1, [], null]);
    expect(await played.sampler.sample(true)).not.toBeNull();
    expect([played.connects, played.destroyed]).toEqual([2, 1]);
  });

  it('leaves in order when it is closed, or its login changes, and ends what is under way', async () => {
    const played = play();
    await played.sampler.sample(true);
    played.sampler.reconnect();
    await played.sampler.sample(true);
    await played.sampler.close();
    expect([played.connects, played.left, played.destroyed]).toEqual([2, 2, 0]);
    expect(await played.sampler.sample(true)).toBeNull();
    const busy = play();
    await busy.sampler.sample(true);
    const asked = new Promise<void>((resolve) => {
      busy.answer = () => {
        resolve();
        return closed.then(() => Promise.reject(failure('cancelled', { what: 'db1' })));
      };
    });
    let close: () => void = () => undefined;
    const closed = new Promise<void>((resolve) => { close = resolve; });
    const running = busy.sampler.sample(true);
    await asked;
    const closing = busy.sampler.close();
    close();
    await Promise.all([running, closing]);
    expect([busy.left, busy.destroyed]).toEqual([0, 1]);
  });
});
