import { describe, expect, it } from 'vitest';
import { atLeast, compareVersions, formatVersion, isMysql, parseServerVersion, replicationOrder, seriesOf } from '../../../shared/domain/fleet/version';

describe('parseServerVersion', () => {
  it.each([
    ['5.6.24-log', '', 'mysql', '5.6.24'],
    ['5.7.44', 'MySQL Community Server (GPL)', 'mysql', '5.7.44'],
    ['8.0.36-0ubuntu0.22.04.1', '', 'mysql', '8.0.36'],
    ['9.7.4-2', '(Debian)', 'mysql', '9.7.4'],
    ['8.0.35-commercial', '', 'mysql', '8.0.35'],
    ['8.0.34-azure', '', 'mysql', '8.0.34'],
    ['8.0.36-28', '', 'percona', '8.0.36'],
    ['8.0.36-28', 'Percona Server (GPL), Release 28, Revision 47601f19', 'percona', '8.0.36'],
    ['5.6.24-72.2-log', '', 'percona', '5.6.24'],
    ['10.11.6-MariaDB', '', 'mariadb', '10.11.6'],
    ['10.11.6-MariaDB-0+deb12u1-log', '', 'mariadb', '10.11.6'],
    ['5.5.5-10.4.12-MariaDB', '', 'mariadb', '10.4.12'],
    ['11.4.2', 'mariadb.org binary distribution', 'mariadb', '11.4.2'],
    ['8.0.mysql_aurora.3.04.0', '', 'mysql', '8.0.0'],
    ['8.0.11-TiDB-v7.5.0', '', 'other', '8.0.11'],
    ['5.7.25', 'OceanBase 4.2.1', 'other', '5.7.25'],
    ['8.0.30-Vitess', '', 'other', '8.0.30'],
    ['', '', 'other', '0.0.0'],
    ['unknown', '', 'other', '0.0.0'],
  ])('%j %j is %s %s', (raw, comment, product, numbers) => {
    const version = parseServerVersion(raw, comment);
    expect(version).toMatchObject({ product, raw });
    expect(formatVersion(version)).toBe(numbers);
    expect(isMysql(version)).toBe(product === 'mysql' || product === 'percona');
  });
});

describe('comparing', () => {
  const v = parseServerVersion;

  it('goes by number, not by text', () => {
    expect(compareVersions(v('5.6.9'), v('5.6.10'))).toBeLessThan(0);
    expect(compareVersions(v('8.0.36'), v('8.0.36-28'))).toBe(0);
    expect(compareVersions(v('9.0.0'), v('8.4.9'))).toBeGreaterThan(0);
    expect(atLeast(v('8.0.22'), 8, 0, 22)).toBe(true);
    expect(atLeast(v('8.0.21'), 8, 0, 22)).toBe(false);
    expect(atLeast(v('8.4.0'), 8, 1)).toBe(true);
  });

  it('names the series', () => {
    expect(['5.6.24', '5.7.1', '8.0.40', '8.1.0', '8.4.3', '9.0.1', '9.7.0', '26.10.0'].map((raw) => seriesOf(v(raw)))).toEqual(['5.6', '5.7', '8.0', '8.4', '8.4', '9.x', '9.x', '26.x']);
  });

  it.each([
    ['5.6.24', '5.6.51', 'same'],
    ['5.6.51', '5.6.24', 'same'],
    ['5.6.24', '5.7.44', 'next'],
    ['5.6.24', '8.0.36', 'far'],
    ['5.6.24', '9.7.0', 'far'],
    ['5.7.44', '8.0.36', 'next'],
    ['8.0.36', '5.7.44', 'older'],
    ['8.0.36', '8.4.0', 'next'],
    ['8.0.36', '8.2.0', 'next'],
    ['8.2.0', '8.4.0', 'same'],
    ['8.4.0', '8.2.0', 'older'],
    ['8.4.3', '9.7.0', 'next'],
    ['8.0.36', '9.7.0', 'far'],
    ['9.2.0', '9.7.0', 'same'],
    ['9.7.0', '9.2.0', 'older'],
    ['9.7.0', '26.10.0', 'next'],
    ['26.10.0', '9.7.0', 'older'],
    ['27.1.0', '26.10.0', 'older'],
  ] as const)('%s → %s: %s', (source, replica, order) => {
    expect(replicationOrder(v(source), v(replica))).toBe(order);
  });
});
