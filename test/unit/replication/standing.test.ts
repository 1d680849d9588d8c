import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MysqlError } from '../../../electron/mysql/errors';
import { readStanding, StandingLinks } from '../../../electron/replication/standing';
import { fakeSession } from '../../fixtures/fake-session';

let dataFolder: string;
let links: StandingLinks;
let ran: string[];
beforeEach(() => {
  dataFolder = mkdtempSync(join(tmpdir(), 'antipode-standing-'));
  links = new StandingLinks(dataFolder);
  ran = [];
});
afterEach(() => rmSync(dataFolder, { recursive: true, force: true }));

interface Server {
  loads?: boolean;
  running?: boolean;
  persisted?: 'ON' | 'OFF' | null;
  fromOptions?: boolean;
}

function server({ loads = true, running = false, persisted = null, fromOptions = false }: Server, version = '9.7.0') {
  return fakeSession('late', (sql) => {
    if (sql.includes('persisted_globals_load')) return [{ loads: loads ? 1 : 0, running: running ? 1 : 0 }];
    return sql.includes('persisted_variables') ? [{ persisted, fromOptions: fromOptions ? 1 : 0 }] : [];
  }, version);
}
const note = ({ sql }: { readonly sql: string }): Promise<void> => {
  ran.push(sql);
  return Promise.resolve();
};
const set = 'SET PERSIST_ONLY skip_replica_start = ON';

describe('a link that stands on the user\'s word', () => {
  it('is kept standing over a restart, and starts by itself again once it was started', async () => {
    expect((await readStanding(server({}))).statement?.sql).toBe(set);
    expect(await links.keep(server({}), 'late', note)).toEqual({ stands: true });
    expect([ran.splice(0), new StandingLinks(dataFolder).isKept('late')]).toEqual([[set], true]);
    // A second freeze, and one after a restart, leave it as it is.
    expect(await links.keep(server({ persisted: 'ON' }), 'late', note)).toEqual({ stands: true });
    expect(await links.keep(server({ persisted: 'ON', running: true }), 'late', note)).toEqual({ stands: true });
    expect(ran).toEqual([]);
    await links.release(server({ persisted: 'ON' }), 'late', note);
    expect([ran, links.isKept('late')]).toEqual([['RESET PERSIST IF EXISTS skip_replica_start'], false]);
  });

  it('is set again where somebody took it away meanwhile', async () => {
    await links.keep(server({}), 'late', note);
    await links.keep(server({}), 'late', note);
    expect(ran).toEqual([set, set]);
  });

  it.each([
    ['an OFF that was persisted is there again', { persisted: 'OFF' }, [set, 'SET PERSIST_ONLY skip_replica_start = OFF']],
    ['what somebody else persisted stays', { persisted: 'ON' }, []],
    ['what runs without being persisted may be gone with the next restart, and is persisted', { running: true }, [set, 'RESET PERSIST IF EXISTS skip_replica_start']],
    ['what the option file has stays where nothing persisted is read', { running: true, loads: false }, []],
    ['what the option file has stays elsewhere too', { running: true, fromOptions: true }, []],
    ['an OFF that was persisted wins over the option file', { running: false, fromOptions: true, persisted: 'OFF' }, [set, 'SET PERSIST_ONLY skip_replica_start = OFF']],
  ] as const)('%s', async (_what, as, statements) => {
    expect(await links.keep(server(as), 'late', note)).toEqual({ stands: true });
    await links.release(server(as), 'late', note);
    expect(ran).toEqual(statements);
  });

  it.each([
    ['5.6.24', 'version', {}, ['skip_slave_start']], ['5.7.22', 'version', {}, ['skip_slave_start']], ['8.0.23', 'version', {}, ['skip_slave_start']],
    ['8.0.24', 'unloaded', { loads: false }, ['skip_slave_start']], ['9.7.0', 'unloaded', { loads: false, persisted: 'ON' }, ['skip_replica_start']],
  ] as const)('%s: that it is not is told (%s), and nothing is run or noted', async (version, why, as, optionLines) => {
    expect(await links.keep(server(as, version), 'late', note)).toEqual({ stands: false, why, version, optionLines });
    expect((await readStanding(server(as, version))).statement).toBeNull();
    await links.release(server(as, version), 'late', note);
    expect([ran, links.isKept('late')]).toEqual([[], false]);
  });

  it('a server that refuses it is told as one, and nothing is noted; a connection that is lost is an error', async () => {
    const refused = new MysqlError({ code: 'privilege-missing', params: { privilege: 'PERSIST_RO_VARIABLES_ADMIN' } }, 1227, '42000');
    const lost = new MysqlError({ code: 'connection-lost', params: { host: 'late', port: 3306 } }, 0, '');
    expect(await links.keep(server({}), 'late', () => Promise.reject(refused))).toMatchObject({ stands: false, why: 'refused' });
    expect(links.isKept('late')).toBe(false);
    await expect(links.keep(server({}), 'late', () => Promise.reject(lost))).rejects.toThrow(lost);
  });

  it('is kept standing although it cannot be noted, and that is told', async () => {
    rmSync(dataFolder, { recursive: true });
    await expect(links.keep(server({}), 'late', note)).rejects.toThrow();
    expect(ran).toEqual([set]);
  });
});
