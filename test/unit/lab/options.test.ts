import { describe, expect, it } from 'vitest';
import { bootstrapStatements } from '../../../electron/lab/bootstrap';
import { rowStatements, SMALL_SIZE } from '../../../electron/lab/sample/rows';
import { tableStatements } from '../../../electron/lab/sample/tables';
import { serverOptions, type ServerOptions } from '../../../electron/lab/server-options';
import { parseServerVersion } from '../../../shared/domain/fleet/version';

const options: ServerOptions = {
  port: 20_001, serverId: 7, dataDir: '/d', tmpDir: '/t', socket: '/s', pidFile: '/p', errorLog: '/e', gtid: true, durability: 'relaxed', bufferPoolMb: 64, extra: ['--read-only=ON'],
};
const named = (version: string, change: Partial<ServerOptions> = {}): string[] => serverOptions(parseServerVersion(version), { ...options, ...change });

describe('the options of a lab server', () => {
  it.each(['5.6.24', '5.7.44', '8.0.21', '8.0.36', '8.4.2', '9.7.4'])('on %s keep it on this machine and ready to replicate', (version) => {
    const all = named(version);
    expect(all).toEqual(expect.arrayContaining(['--bind-address=127.0.0.1', '--gtid-mode=ON', '--enforce-gtid-consistency=ON', '--performance-schema=ON', '--log-bin=binlog', '--server-id=7']));
    expect(all.at(-1)).toBe('--read-only=ON');
    expect(new Set(all).size).toBe(all.length);
  });

  it.each(['5.6.24', '5.7.44', '8.0.36', '9.7.4'])('on %s take little memory, and none of the requests that the whole machine shares', (version) => {
    expect(named(version)).toEqual(expect.arrayContaining([
      '--innodb-log-buffer-size=8388608', '--innodb-use-native-aio=OFF', '--performance-schema-accounts-size=50',
    ]));
  });

  it('use words the version knows', () => {
    expect(named('5.6.24')).toEqual(expect.arrayContaining(['--log-slave-updates=ON', '--binlog-format=ROW', '--master-info-repository=TABLE']));
    expect(named('5.6.24')).not.toContain('--mysqlx=0');
    expect(named('8.0.21')).toContain('--log-slave-updates=ON');
    expect(named('8.0.26')).toContain('--log-replica-updates=ON');
    expect(named('9.7.4').join(' ')).not.toMatch(/slave|master|binlog-format|innodb-log-file-size/);
    expect(named('8.0.29').join(' ')).not.toContain('redo-log-capacity');
  });

  it('are durable where asked for, and without GTIDs where asked for', () => {
    expect(named('9.7.4', { durability: 'full' })).toEqual(expect.arrayContaining(['--sync-binlog=1', '--innodb-flush-log-at-trx-commit=1']));
    expect(named('9.7.4', { durability: 'full' })).not.toContain('--innodb-doublewrite=OFF');
    expect(named('9.7.4', { gtid: false })).toEqual(expect.arrayContaining(['--gtid-mode=OFF', '--enforce-gtid-consistency=OFF']));
  });
});

describe('the first statements on a server', () => {
  const statements = (version: string, keepAnonymous = false): string[] => bootstrapStatements(parseServerVersion(version), 'Abc-_1', { keepAnonymous });

  it.each(['5.6.24', '8.0.36', '9.7.4'])('on %s are not logged and end with an empty history', (version) => {
    const all = statements(version);
    expect(all[0]).toBe('SET SESSION sql_log_bin = 0');
    expect(all.at(-1)).toBe(version === '9.7.4' ? 'RESET BINARY LOGS AND GTIDS' : 'RESET MASTER');
    expect(all.filter((sql) => sql.includes('WITH GRANT OPTION'))).toHaveLength(1);
  });

  it('remove the users without a name that 5.6 brings along, unless they are wanted', () => {
    expect(statements('5.6.24').join(';')).toContain("User = ''");
    expect(statements('5.6.24', true).join(';')).not.toContain("User = ''");
    expect(statements('9.7.4').join(';')).not.toContain('DELETE');
  });

  it('refuse a password that would need escaping', () => {
    expect(() => bootstrapStatements(parseServerVersion('9.7.4'), "a'b", { keepAnonymous: false })).toThrow();
  });
});

describe('the sample', () => {
  it('has JSON columns where the version has them', () => {
    expect(tableStatements(parseServerVersion('5.6.24')).join()).not.toContain('JSON');
    expect(tableStatements(parseServerVersion('9.7.4')).join()).toContain('detail JSON');
  });

  it('fills every table that it makes', () => {
    const made = tableStatements(parseServerVersion('9.7.4')).map((sql) => /CREATE TABLE (\w+)/.exec(sql)?.[1]);
    expect(new Set(rowStatements(SMALL_SIZE).map(({ table }) => table))).toEqual(new Set(made));
  });
});
