// What a copy decides and tells once for each return of its target, whatever its lanes notice of it and when.
import { describe, expect, it } from 'vitest';
import { MysqlError } from '../../../electron/mysql/errors';
import type { Session } from '../../../electron/mysql/types';
import type { Chunk, TableToCopy } from '../../../electron/copy/rows/chunks';
import type { CopyJob, End } from '../../../electron/copy/snapshot/sessions';
import { TargetSideFailed, type RowPump, type RowSession } from '../../../electron/copy/rows/pump';
import { Documents } from '../../../electron/copy/rows/documents';
import { RowMeter } from '../../../electron/copy/rows/row-meter';
import { RowMover } from '../../../electron/copy/rows/rows';
import { fakeSession } from '../../fixtures/fake-session';
import { loneStep } from '../../fixtures/lone-step';

const lost = (): MysqlError => new MysqlError({ code: 'connection-lost', params: { host: 'h', port: 1 }, server: 'target' }, 0, '');

/** A server that is restarted at will; a session ends with the life that it was opened in. */
class Target {
  life = 1;
  isUp = true;
  /** As it starts; the copy's own setting comes and goes with what `ready` does. */
  localInfile = 1;
  opened = 0;
  private ids = 0;

  restart(): void {
    this.life += 1;
    this.isUp = true;
    this.localInfile = 1;
  }

  session(): Session & RowSession {
    if (!this.isUp) throw lost();
    const born = this.life;
    this.ids += 1;
    return {
      ...fakeSession('target', (sql) => {
        if (!this.isUp || this.life !== born) throw lost();
        return /local_infile/.test(sql) ? [{ localInfile: this.localInfile, maxAllowedPacket: 1024 }] : [];
      }),
      id: this.ids,
    };
  }
}

interface Moved {
  readonly chunk: string;
  readonly way: string;
  readonly writer: number;
}

/** A copy of chunks `a`, `b`, … of which each transfer does what the test says. */
function copyOf(
  names: readonly string[], target: Target, transfer: (moved: Moved, isAlive: () => Promise<unknown>) => Promise<void>, targetReturns: () => Promise<void>,
) {
  const logged: string[] = [];
  const moves: string[] = [];
  const end = (name: string): End => ({
    name, connect: () => Promise.resolve(target.session()),
    target: () => Promise.resolve({ host: 'h', port: 1, user: 'u', password: 'p', tls: { mode: 'off', ca: null } }),
  });
  const job: CopyJob = {
    step: loneStep({ log: (_level, key) => void logged.push(key) }), source: end('source'), target: end('target'), scope: { kind: 'instance' }, targetReturns,
  };
  const source = new Target();
  const pump: RowPump = {
    open: async () => {
      target.opened += 1;
      return target.session();
    },
    transfer: async ({ table, taking }, _reader, writer) => {
      await transfer({ chunk: table, way: taking.way, writer: writer.id }, () => writer.query('DO 0')).catch((thrown: unknown) => {
        throw thrown instanceof MysqlError ? new TargetSideFailed(thrown) : thrown;
      });
      moves.push(`${table} ${taking.way}`);
      return { rows: 1, bytes: 1, places: [], hashes: '0' };
    },
    limit: () => undefined,
    close: () => Promise.resolve(),
  };
  const tableOf = (table: string): TableToCopy => ({ database: 'd', table, columns: [], stored: [], key: null, holdsRows: true, rows: 1, bytes: 1 });
  const chunks = names.map((name): Chunk => ({ table: tableOf(name), where: '', rows: 1, bytes: 1 }));
  const snapshot = { pump, sessions: names.map(() => source.session()), release: () => Promise.resolve() };
  const mover = new RowMover({ job, snapshot, chunks, later: new Map(), meter: new RowMeter(job.step, chunks), writer: {}, clock: { kind: 'one', offset: '+00:00' }, documents: new Documents(job.step) }, 2);
  return { mover, logged, moves };
}

/** A promise and how to keep it. */
function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => { open = resolve; });
  return { opened, open: () => open() };
}

/** Whatever can go on without being let has gone on. */
const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
};

describe('a target that goes away in the middle of a copy', () => {
  it('gets no session before it is ready again, also where a lane begins meanwhile, and rows go on in one way', async () => {
    const target = new Target();
    target.localInfile = 0;
    const [gone, ready] = [gate(), gate()];
    const seen = new Set<string>();
    const copy = copyOf(['d1', 'd2', 'd3'], target, async ({ chunk }, isAlive) => {
      if (!seen.has(chunk) && chunk !== 'd.d3') {
        seen.add(chunk);
        await gone.opened;
      }
      await isAlive();
    }, async () => {
      await ready.opened;
      target.localInfile = 0;
    });
    const run = copy.mover.run();
    await turns();
    // Back at once, with local_infile on as it starts: nobody may take that for the copy's setting.
    target.restart();
    gone.open();
    await turns();
    const opened = target.opened;
    copy.mover.want(3);
    await turns();
    expect(target.opened).toBe(opened);
    ready.open();
    await run;
    expect(copy.moves.toSorted()).toEqual(['d.d1 insert', 'd.d2 insert', 'd.d3 insert']);
    expect(copy.logged).toEqual(['sync.log.rowsByInsert', 'sync.log.targetGone']);
  });

  it('is made ready first where a new lane is the first to meet it after its start', async () => {
    const target = new Target();
    target.localInfile = 0;
    const held = gate();
    const copy = copyOf(['d1', 'd2', 'd3'], target, async ({ chunk }, isAlive) => {
      if (chunk !== 'd.d3') await held.opened;
      await isAlive();
    }, async () => {
      target.localInfile = 0;
    });
    const run = copy.mover.run();
    await turns();
    target.restart();
    copy.mover.want(3);
    await turns();
    held.open();
    await run;
    expect(copy.moves.toSorted()).toEqual(['d.d1 insert', 'd.d2 insert', 'd.d3 insert']);
    expect(copy.logged).toEqual(['sync.log.rowsByInsert', 'sync.log.targetGone']);
  });

  it('is told once and waited for once, however late a lane notices', async () => {
    const target = new Target();
    const [first, second] = [gate(), gate()];
    let returns = 0;
    let late = true;
    const copy = copyOf(['d1', 'd2'], target, async ({ chunk }, isAlive) => {
      if (target.life === 1) await (chunk === 'd.d1' ? first : second).opened;
      if (chunk === 'd.d2' && late) {
        late = false;
        throw lost();
      }
      await isAlive();
    }, async () => {
      returns += 1;
    });
    const run = copy.mover.run();
    await turns();
    target.restart();
    first.open();
    await turns();
    expect(copy.moves).toEqual(['d.d1 load']);
    second.open();
    await run;
    expect([returns, copy.moves]).toEqual([1, ['d.d1 load', 'd.d2 load']]);
    expect(copy.logged).toEqual(['sync.log.rowsByLoad', 'sync.log.targetGone']);
  });

  it('is waited for again where it goes while it is made ready, and given up where that never ends', async () => {
    const target = new Target();
    const goes = (times: number): ReturnType<typeof copyOf> & { readonly returns: () => number } => {
      let returns = 0;
      let killed = false;
      const copy = copyOf(['d1'], target, async (_moved, isAlive) => {
        if (!killed) target.restart();
        killed = true;
        await isAlive();
      }, async () => {
        returns += 1;
        if (returns < times) throw lost();
      });
      return { ...copy, returns: () => returns };
    };
    const twice = goes(3);
    await twice.mover.run();
    expect([twice.returns(), twice.logged]).toEqual([3, ['sync.log.rowsByLoad', 'sync.log.targetGone']]);
    const never = goes(Infinity);
    await expect(never.mover.run()).rejects.toMatchObject({ error: { code: 'connection-lost' } });
    expect([never.returns(), never.logged]).toEqual([5, ['sync.log.rowsByLoad', 'sync.log.targetGone']]);
  });
});
