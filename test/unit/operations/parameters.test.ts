// One variable: what a server takes of what was typed, what runs, what takes it back; option files; drift.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configLine } from '../../../electron/mysql/dialect/config-line';
import { parseServerVersion } from '../../../shared/domain/fleet/version';
import type { Keeping, ParameterStatement, PlannedChange } from '../../../shared/domain/operations/parameters/change';
import { isAskable, isUnchecked, keepings } from '../../../shared/domain/operations/parameters/change';
import { sameValue } from '../../../shared/domain/operations/parameters/compare';
import { classOf, driftOf } from '../../../shared/domain/operations/parameters/drift';
import type { ParameterEntry } from '../../../shared/domain/operations/parameters/history';
import { readOptionFile } from '../../../shared/domain/operations/parameters/option-file';
import { describe as described, isChanged, rangeOf, type Parameter, type ReadVariable } from '../../../shared/domain/operations/parameters/parameter';
import { planSet } from '../../../shared/domain/operations/parameters/plan';
import { ranges56 } from '../../../shared/domain/operations/parameters/known/ranges-5-6';
import { ranges57 } from '../../../shared/domain/operations/parameters/known/ranges-5-7';
import { changesOf, templateOf } from '../../../shared/domain/operations/parameters/template';
import { planUndo } from '../../../shared/domain/operations/parameters/undo';

const facts = { replicas: 0, encrypted: true, persists: true };
const read = (name: string, value: string, more: Partial<ReadVariable> = {}): ReadVariable => ({
  name, value, persisted: null, source: 'compiled', file: '', setBy: null, setAt: null, minimum: null, maximum: null, text: null, ...more,
});
const on = (version: string, name: string, value: string, more: Partial<ReadVariable> = {}): Parameter => {
  const parsed = parseServerVersion(version);
  return described(parsed, parsed.major >= 8, read(name, value, parsed.major >= 8 ? more : { source: null, ...more }));
};
const planOne = (parameter: Parameter, value: string, keep: Keeping = 'lasting') =>
  planSet([parameter], [{ name: parameter.name, value, keep }], { ...facts, persists: parameter.source !== null });
const texts = (statements: readonly ParameterStatement[] = []): string[] => statements.map(({ verb, value }) => `${verb} ${value}`.trim());

describe('what is known of a variable beside what its server says', () => {
  it.each([
    ['5.6.24', 'max_connections', '5.6', 'Server System Variables'], ['5.7.22', 'innodb_io_capacity_max', '5.7', 'InnoDB Startup Options and System Variables'],
    ['8.0.15', 'slave_parallel_workers', '8.0', 'Replica Server Options and Variables'], ['9.7.0', 'log_replica_updates', '9.7', 'Binary Logging Options and Variables'],
    ['8.4.3', 'gtid_mode', '8.4', 'Global Transaction ID System Variables'], ['8.0.31', 'mysqlx_port', '8.0', 'X Plugin Options and System Variables'],
  ])('%s %s is described in the manual of %s, %s', (version, name, series, section) => {
    expect(on(version, name, '1').manual).toEqual({ series, section, anchor: `sysvar_${name}` });
  });

  it('of what a plugin brings the place is not guessed', () => {
    expect(on('8.0.31', 'thread_pool_size', '16')).toMatchObject({ manual: null, dynamic: null, initial: '16' });
  });

  it.each([
    ['5.6.24', 'thread_cache_size', true], ['5.7.22', 'server_id', true], ['9.7.0', 'innodb_redo_log_capacity', true], ['5.7.22', 'innodb_undo_tablespaces', false],
    ['8.0.15', 'innodb_undo_tablespaces', null], ['9.7.0', 'datadir', false],
  ])('%s %s may change while the server runs: %s', (version, name, dynamic) => {
    expect(on(version, name, '1').dynamic).toBe(dynamic);
  });

  it.each([
    ['5.7.22', 'wait_timeout', '28800', '-5', 'below'], ['5.6.24', 'wait_timeout', '28800', '-1', 'below'], ['5.6.24', 'host_cache_size', '279', '-2', 'below'],
    ['5.7.22', 'wait_timeout', '28800', '0', 'below'],
  ])('%s %s at %s does not take %s, of which the server would make its least', (version, name, value, wanted, reason) => {
    expect(planOne(on(version, name, value), wanted, 'running').refused).toMatchObject([{ reason }]);
  });

  it.each([['host_cache_size', '279', '-1'], ['optimizer_trace_offset', '-1', '-3'], ['max_user_connections', '5', '0']])('5.7.22 %s at %s takes %s', (name, value, wanted) => {
    expect(planOne(on('5.7.22', name, value), wanted, 'running').refused).toEqual([]);
  });

  it('a range that a version does not tell is said not to be told', () => {
    expect(rangeOf(on('5.7.22', 'open_files_limit', '5000'))).toMatchObject({ key: 'parameters.detail.range-untold' });
    expect(rangeOf(on('8.0.31', 'max_connections', '151', { minimum: '1', maximum: '100000' }))).toMatchObject({ params: { least: '1', most: '100000' } });
    expect(rangeOf(on('5.7.22', 'datadir', '/data/'))).toBeNull();
  });
});

describe('what is known of ranges that a version does not tell', () => {
  it.each([
    ['5.7.22', 'max_connections', '1', '100000'], ['5.6.24', 'wait_timeout', '1', '31536000'], ['5.7.22', 'innodb_io_capacity', '100', '18446744073709551615'],
    ['5.6.24', 'table_definition_cache', '-1', '524288'], ['5.7.22', 'optimizer_trace_offset', '-9223372036854775808', '9223372036854775807'],
  ])('%s takes %s from %s to %s', (version, name, minimum, maximum) => {
    const parameter = on(version, name, '7');
    expect(parameter).toMatchObject({ minimum, maximum });
    expect(rangeOf(parameter)).toMatchObject({ key: 'parameters.detail.range-known', params: { least: minimum, most: maximum } });
    expect(planOne(parameter, (BigInt(maximum) + 1n).toString(), 'running').refused).toMatchObject([{ reason: 'above', limit: maximum }]);
    expect(planOne(parameter, maximum, 'running').refused).toEqual([]);
  });

  it('what the server tells itself is left as it is', () => {
    expect(on('8.0.31', 'max_connections', '151', { minimum: '1', maximum: '42' })).toMatchObject({ maximum: '42' });
    expect(on('8.0.31', 'max_connections', '151')).toMatchObject({ minimum: null, maximum: null });
  });

  it.each([['5.6.24', ranges56], ['5.7.22', ranges57]])('%s: each range holds the default of its variable', (version, ranges) => {
    const names = ranges.split(/ \|\s/).map((one) => one.trim().replace(/=.*/, ''));
    expect(names.length).toBeGreaterThan(190);
    const outside = names.filter((name) => {
      const { initial, minimum, maximum } = on(version, name, '0');
      return initial !== null && initial !== '' && (Number(initial) < Number(minimum) || Number(initial) > Number(maximum));
    });
    expect(outside).toEqual([]);
  });
});

describe('what is only kept', () => {
  it.each([
    ['innodb_flush_method', 'fsync', 'NO_SUCH', 'not-a-word'], ['tls_version', 'TLSv1.2,TLSv1.3', 'TLSv1.2,TLSv9', 'not-a-word'], ['log_output', 'FILE', 'FILE,NOWHERE', 'not-a-word'],
  ])('%s: %s does not become %s, with which the server would not start, or drop it: %s', (name, value, wanted, reason) => {
    expect(planOne(on('8.0.31', name, value), wanted, 'restart').refused).toMatchObject([{ reason }]);
  });

  it.each([
    ['admin_ssl_ca', '/x', 'restart', true, false], ['ssl_cipher', 'x', 'lasting', true, false], ['ssl_cipher', 'x', 'running', false, false],
    ['max_connections', '300', 'restart', false, false], ['init_connect', 'SELECT 1', 'lasting', false, false],
    ['time_zone', 'Mars/Phobos', 'restart', false, true], ['sql_mode', 'NO_SUCH', 'restart', false, true], ['sql_mode', 'ANSI', 'lasting', false, false],
    ['character_set_results', 'latin1', 'restart', true, false],
  ] as const)('%s = %s, %s: looked at by nobody %s, asked of the server %s', (name, value, keep, unchecked, askable) => {
    const parameter = on('8.0.31', name, name === 'max_connections' ? '151' : '');
    const [change] = planOne(parameter, value, keep).changes;
    expect(change === undefined ? null : [isUnchecked(change, parameter), isAskable(change, parameter)]).toEqual([unchecked, askable]);
  });
});

describe('what runs for one change', () => {
  it.each([
    ['8.0.31', 'max_connections', '151', '300', 'lasting', ['persist 300'], null, 'now'],
    ['8.0.31', 'max_connections', '151', '300', 'running', ['global 300'], null, 'now'],
    ['8.0.31', 'max_connections', '151', '300', 'restart', ['persist-only 300'], null, 'restart'],
    ['8.0.31', 'sort_buffer_size', '262144', '1M', 'lasting', ['persist 1048576'], null, 'new-sessions'],
    ['8.0.31', 'innodb_log_file_size', '50331648', '1G', 'lasting', ['persist-only 1073741824'], null, 'restart'],
    ['9.7.0', 'lc_messages_dir', '/usr/share', '/opt/share', 'lasting', [], '/opt/share', 'restart'],
    ['5.7.22', 'max_connections', '151', '300', 'lasting', ['global 300'], '300', 'now'],
    ['5.7.22', 'innodb_log_file_size', '50331648', '1G', 'lasting', [], '1073741824', 'restart'],
    ['5.6.24', 'innodb_buffer_pool_size', '134217728', '1G', 'lasting', [], '1073741824', 'restart'],
    ['5.7.22', 'innodb_buffer_pool_size', '134217728', '1G', 'running', ['global 1073741824'], null, 'now'],
    ['8.0.31', 'slow_query_log', 'OFF', 'on', 'lasting', ['persist ON'], null, 'now'],
    ['8.0.31', 'binlog_row_image', 'MINIMAL', 'full', 'lasting', ['persist FULL'], null, 'new-sessions'],
  ] as const)('%s %s from %s to %s, %s', (version, name, value, wanted, keep, statements, line, takesEffect) => {
    const [change] = planOne(on(version, name, value), wanted, keep).changes;
    expect(texts(change?.statements)).toEqual(statements);
    expect(change?.line?.value ?? null).toBe(line);
    expect(change?.takesEffect).toBe(takesEffect);
  });

  it.each([
    ['max_connections', '151', 'many', 'not-a-number'], ['max_connections', '151', '100001', 'above'], ['max_connections', '151', '0', 'below'],
    ['slow_query_log', 'OFF', 'perhaps', 'not-a-switch'], ['binlog_format', 'ROW', 'COLUMN', 'not-a-word'], ['init_connect', '', 'a\nb', 'line-break'],
    ['max_connections', '151', '151', 'unchanged'],
  ])('%s at %s does not take %j: %s', (name, value, wanted, reason) => {
    const parameter = on('8.0.31', name, value, name === 'max_connections' ? { minimum: '1', maximum: '100000' } : {});
    expect(planOne(parameter, wanted, 'running').refused).toMatchObject([{ reason }]);
  });

  it.each([
    ['read_only', 'fence'], ['super_read_only', 'fence'], ['offline_mode', 'fence'], ['gtid_mode', 'gtid'], ['enforce_gtid_consistency', 'gtid'], ['gtid_purged', 'gtid'],
    ['server_id', 'link'], ['skip_slave_start', 'link'], ['skip_replica_start', 'link'], ['sql_slave_skip_counter', 'skip'], ['port', 'port'], ['datadir', 'data'],
    ['lower_case_table_names', 'data'], ['version', 'server'], ['report_password', 'secret'],
  ])('%s is not set here: %s', (name, owner) => {
    expect(planOne(on('8.0.31', name, 'OFF'), 'ON').refused).toMatchObject([{ reason: 'owned', limit: owner }]);
  });

  it('a variable named twice, by its old name and its new one, is refused once', () => {
    const parameter = on('8.0.15', 'slave_parallel_workers', '0');
    const set = planSet([parameter], [{ name: 'replica_parallel_workers', value: '4', keep: 'running' }, { name: 'slave_parallel_workers', value: '8', keep: 'running' }], facts);
    expect(set.refused).toMatchObject([{ reason: 'twice' }]);
    expect(set.changes).toMatchObject([{ name: 'slave_parallel_workers', value: '4' }]);
  });

  it.each(['report_password', 'authentication_ldap_simple_bind_root_pwd', 'keyring_hashicorp_secret_id', 'telemetry.otel_exporter_otlp_traces_headers'])(
    '%s is a secret: it is shown nowhere and not set here', (name) => {
      const parameter = on('8.0.31', name, 'Hidden-1', { persisted: 'Hidden-2', source: 'compiled' });
      expect(JSON.stringify(parameter)).not.toContain('Hidden');
      expect(planOne(parameter, 'x').refused).toMatchObject([{ reason: 'owned', limit: 'secret' }]);
    },
  );

  it('a password that an old server prints is not shown', () => {
    expect(on('5.6.24', 'report_password', 'Hidden-1').value).toBe('***');
  });
});

/** A server that does as the statements say. */
function ran(parameter: Parameter, statements: readonly ParameterStatement[]): Parameter {
  return statements.reduce((now, { verb, value }): Parameter => {
    switch (verb) {
      case 'persist':
        return { ...now, value, persisted: value };
      case 'persist-only':
        return { ...now, persisted: value };
      case 'global':
        return { ...now, value };
      case 'reset-persist':
        return { ...now, persisted: null };
    }
  }, parameter);
}

const standing = ({ value, persisted }: Parameter) => ({ value, persisted });
const entryOf = (change: PlannedChange, after: Parameter): ParameterEntry => ({
  id: 'e', instanceId: 'i', name: 'a', at: 0, actor: 'x', state: 'done', optionLines: [], undoes: null, error: null,
  changes: [{ name: change.name, keep: change.keep, value: change.value, before: change.before, after: standing(after), outcome: 'done' }],
});

describe('taking back', () => {
  it('gives back value and persistence, whatever was set and however', () => {
    const number = fc.integer({ min: 10, max: 100_000 }).map(String);
    const name = fc.constantFrom('max_connections', 'sort_buffer_size', 'innodb_log_file_size', 'back_log');
    fc.assert(fc.property(name, number, fc.option(number), number, fc.constantFrom(...keepings), (which, value, persisted, wanted, keep) => {
      const before = on('8.0.31', which, value, { persisted });
      const [change] = planOne(before, wanted, keep).changes;
      if (change === undefined) return;
      const after = ran(before, change.statements);
      // At once, where a later one fails.
      expect(standing(ran(after, change.undo))).toEqual(standing(before));
      // And from the record.
      const undo = planUndo([after], entryOf(change, after));
      expect(undo.movedOn).toEqual([]);
      const back = undo.changes.reduce((now, one) => ran(now, one.statements), after);
      expect(standing(back)).toEqual(standing(before));
      // The way back has a way back.
      expect(standing(undo.changes.reduce((now, one) => ran(now, one.undo), back))).toEqual(standing(after));
    }));
  });

  it('tells what somebody has set since, and does nothing where it is so already', () => {
    const before = on('8.0.31', 'max_connections', '151');
    const [change] = planOne(before, '300').changes;
    if (change === undefined) throw new Error('no change');
    const entry = entryOf(change, ran(before, change.statements));
    expect(planUndo([{ ...before, value: '400' }], entry).movedOn).toEqual([{ name: 'max_connections', left: '300', now: '400' }]);
    expect(planUndo([before], entry).changes).toEqual([]);
    expect(planUndo([], entry).gone).toEqual(['max_connections']);
  });
});

describe('two values', () => {
  it.each([
    ['max_allowed_packet', '64M', '67108864', 'equivalent'], ['sql_mode', 'A,B', 'B,A', 'equivalent'], ['slow_query_log', '1', 'ON', 'equivalent'],
    ['character_set_server', 'utf8', 'utf8mb3', 'equivalent'], ['long_query_time', '10', '10.000000', 'equivalent'], ['sync_binlog', '0', '1', 'different'],
    ['tmpdir', '/tmp', '/TMP', 'different'], ['init_connect', "SET @a = 'x y'", "SET @a = 'X y'", 'different'], ['tmpdir', '/tmp/', '/tmp', 'equivalent'], ['a', 'x', 'x', 'same'],
  ] as const)('of %s, %s and %s, are %s', (name, a, b, wanted) => {
    expect([sameValue(name, a, b), sameValue(name, b, a)]).toEqual([wanted, wanted]);
  });

  it('mean the same of themselves, and in both directions', () => {
    fc.assert(fc.property(fc.string(), fc.string(), (a, b) => {
      expect(sameValue('x', a, a)).toBe('same');
      expect(sameValue('x', a, b)).toBe(sameValue('x', b, a));
    }));
  });
});

describe('drift', () => {
  it.each([
    ['max_connections', ['151', '200'], 'different'], ['max_connections', ['151', null], 'absent'], ['server_id', ['1', '2'], 'expected'],
    ['read_only', ['OFF', 'ON'], 'expected'], ['sql_mode', ['A,B', 'B,A', 'A,B'], 'equivalent'], ['sql_mode', ['A', 'A'], 'same'],
  ] as const)('of %s at %j is %s', (name, values, wanted) => {
    expect(classOf(name, values)).toBe(wanted);
  });

  it('holds an old name against the new one, and tells what a version does not have', () => {
    const drift = driftOf([
      { instanceId: 'a', name: 'a', version: '5.7', values: new Map([['slave_parallel_workers', '4'], ['query_cache_size', '0']]) },
      { instanceId: 'b', name: 'b', version: '9.7', values: new Map([['replica_parallel_workers', '8']]) },
    ]);
    expect(drift.rows).toMatchObject([{ name: 'query_cache_size', class: 'absent', values: ['0', null] }, { name: 'replica_parallel_workers', class: 'different', values: ['4', '8'] }]);
  });
});

describe('an option file', () => {
  it('is read as the server reads it', () => {
    const text = '[client]\nport = 1\n[mysqld]\n# note\nmax-connections = 300 # many\nsql_mode="A,B"\nskip-name-resolve\nloose_x = \'a # b\'\nmax_connections=400\n!include /etc/x\ntmpdir = C:\\\\tmp\n';
    expect(readOptionFile(text)).toEqual({
      options: [{ name: 'sql_mode', value: 'A,B' }, { name: 'skip_name_resolve', value: 'ON' }, { name: 'x', value: 'a # b' }, { name: 'max_connections', value: '400' }, { name: 'tmpdir', value: 'C:\\tmp' }],
      skipped: [{ line: 10, text: '!include /etc/x' }],
    });
  });

  it('gives back every value that was written to it', () => {
    const value = fc.string({ unit: fc.constantFrom(...'abcXYZ019 .,:%$*/>+-_=;#\\\'"|&~()<'.split('')) }).map((text) => text.trim())
      // With quotes of both kinds and the sign of a comment there is no line for it.
      .filter((text) => !(text.includes('"') && text.includes("'") && text.includes('#')));
    fc.assert(fc.property(value, (one) => {
      expect(readOptionFile(`[mysqld]\n${configLine('init_connect', one)}\n`).options).toEqual([{ name: 'init_connect', value: one }]);
    }));
  });
});

it('a template changes what is not so already, under the names of the server, and nothing that another part sets', () => {
  const parameters = [
    on('8.0.31', 'max_connections', '300', { persisted: '300' }), on('8.0.31', 'sort_buffer_size', '1048576'), on('8.0.31', 'server_id', '7'),
    on('8.0.31', 'super_read_only', 'ON'), on('8.0.31', 'sql_mode', 'A,B', { persisted: 'B,A' }), on('8.0.31', 'replica_net_timeout', '60'),
  ];
  const settings = [
    { name: 'max_connections', value: '300' }, { name: 'sort_buffer_size', value: '1M' }, { name: 'super_read_only', value: 'OFF' }, { name: 'sql_mode', value: 'B,A' },
    { name: 'slave_net_timeout', value: '30' }, { name: 'query_cache_size', value: '0' },
  ];
  expect(changesOf(settings, parameters, 'lasting')).toEqual([
    // It runs so, and would not after a restart.
    { name: 'sort_buffer_size', value: '1M', keep: 'lasting' }, { name: 'replica_net_timeout', value: '30', keep: 'lasting' },
  ]);
});

it('a template holds what somebody set, and nothing that belongs to one server', () => {
  const parameters = [
    on('8.0.31', 'max_connections', '300', { source: 'dynamic' }), on('8.0.31', 'back_log', '80'), on('8.0.31', 'server_id', '7', { source: 'command-line' }),
    on('8.0.31', 'tmpdir', '/x', { source: 'command-line' }), on('8.0.31', 'long_query_time', '10.000000', { persisted: '2.000000' }),
  ];
  expect(parameters.map(isChanged)).toEqual([true, false, true, true, true]);
  expect(templateOf(parameters)).toEqual([{ name: 'max_connections', value: '300' }, { name: 'long_query_time', value: '2.000000' }]);
});
