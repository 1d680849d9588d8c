import { describe, expect, it } from 'vitest';
import { withoutDefaultRole, withQuotedRequirement } from '../../../electron/copy/schema/account-definition';
import { forVersion, oneByOne, withoutPassword } from '../../../electron/copy/schema/grants';
import { chunksOf, inCopyOrder, type TableToCopy } from '../../../electron/copy/rows/chunks';
import { insertStatement, loadStatement, travelOf } from '../../../electron/copy/rows/columns';
import { eventForReplica } from '../../../electron/copy/schema/programs';
import { modeFor } from '../../../shared/domain/sql/sql-mode';
import { parseServerVersion } from '../../../shared/domain/fleet/version';

const table = (change: Partial<TableToCopy> = {}): TableToCopy => ({ database: 'd', table: 't', columns: [{ name: 'id', type: 'bigint' }], holdsRows: true, stored: [], key: { name: 'id', isInteger: true }, rows: 1000, bytes: 1000, ...change });

/** Whether a key falls into a range as the server would see it. */
const holds = (where: string, key: bigint): boolean =>
  where === '' || where.split(' AND ').every((condition) => {
    const [, operator, bound] = /^`id` (<|>=) (-?\d+)$/.exec(condition) ?? [];
    return operator === '<' ? key < BigInt(bound ?? '') : key >= BigInt(bound ?? '');
  });

describe('parts of a table', () => {
  it('hold every key exactly once, whatever the bounds were', () => {
    for (const [min, max, parts] of [[1n, 1000n, 7], [-50n, 50n, 3], [0n, 18446744073709551615n, 10], [5n, 6n, 10]] as const) {
      const chunks = chunksOf(table({ bytes: parts * 10 }), { min, max }, 10);
      expect(chunks.length).toBe(Math.min(parts, Number(max - min + 1n)));
      for (const key of [min - 1n, min, min + 1n, (min + max) / 2n, max - 1n, max, max + 1n]) {
        expect(chunks.filter(({ where }) => holds(where, key)), `${key}`).toHaveLength(1);
      }
    }
  });

  it('is the whole table without an integer key, without rows, or when small', () => {
    expect(chunksOf(table({ key: null, bytes: 1e9 }), { min: 1n, max: 9n }, 10).map(({ where }) => where)).toEqual(['']);
    expect(chunksOf(table({ key: { name: 'id', isInteger: false }, bytes: 1e9 }), { min: 1n, max: 9n }, 10)).toHaveLength(1);
    expect(chunksOf(table({ bytes: 1e9 }), null, 10)).toHaveLength(1);
    expect(chunksOf(table({ bytes: 9 }), { min: 1n, max: 1000n }, 10)).toHaveLength(1);
  });

  it('copies the largest first', () => {
    const chunks = [3, 9, 1].flatMap((bytes) => chunksOf(table({ bytes }), null));
    expect(inCopyOrder(chunks).map(({ bytes }) => bytes)).toEqual([9, 3, 1]);
  });
});

describe('how rows travel', () => {
  it('refuses a type it does not know rather than guess', () => {
    expect(() => travelOf([{ name: 'x', type: 'hologram' }])).toThrow(expect.objectContaining({ error: expect.objectContaining({ code: 'seed-impossible' }) }));
  });

  it('names every column in an INSERT', () => {
    expect(insertStatement('d`b', "t'x", [{ name: 'id', type: 'int', autoIncrement: true }, { name: 'b`', type: 'bit' }])).toBe("INSERT INTO `d``b`.`t'x` (`id`, `b```) VALUES ");
  });

  it('quotes names and assigns what LOAD DATA would misread', () => {
    const sql = loadStatement('d`b', "t'x", [{ name: 'id', type: 'int', autoIncrement: true }, { name: 'b`', type: 'bit' }, { name: 'j', type: 'json' }, { name: 'g', type: 'point' }]);
    expect(sql).toContain('INTO TABLE `d``b`.`t\'x` CHARACTER SET binary');
    expect(sql).toContain('(@c0, @c1, @c2, @c3) SET `id` = @c0, `b``` = CAST(@c1 AS UNSIGNED), `j` = CONVERT(@c2 USING utf8mb4), `g` = UNHEX(@c3)');
    expect(loadStatement('d', 't', [{ name: 'id', type: 'int', autoIncrement: true }])).toMatch(/\(`id`\)$/);
  });
});

describe('programs', () => {
  const event = (state: string): string => `CREATE DEFINER=\`a\`\`b\`@\`%\` EVENT \`ON COMPLETION NOT PRESERVE ENABLE\` ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' ON COMPLETION NOT PRESERVE ${state} COMMENT 'ENABLE' DO SELECT 'ENABLE'`;

  it.each([
    ['9.7.0', 'ENABLE', 'DISABLE ON REPLICA'],
    ['8.2.0', 'ENABLE', 'DISABLE ON REPLICA'],
    ['8.1.0', 'ENABLE', 'DISABLE ON SLAVE'],
    ['8.0.31', 'ENABLE', 'DISABLE ON SLAVE'],
    ['5.6.24', 'DISABLE ON SLAVE', 'DISABLE ON SLAVE'],
    ['9.7.0', 'DISABLE ON SLAVE', 'DISABLE ON REPLICA'],
    ['9.7.0', 'DISABLE', 'DISABLE'],
  ])('on %s an event that is %s arrives as %s', (version, state, expected) => {
    expect(eventForReplica(event(state), parseServerVersion(version))).toBe(event(expected));
  });

  it('does not say of an event made with HIGH_NOT_PRECEDENCE what such a session does not read', () => {
    expect(eventForReplica(event('DISABLE'), parseServerVersion('9.7.0'), 'ANSI_QUOTES,HIGH_NOT_PRECEDENCE')).toBe(event('DISABLE').replace("'2030-01-01 00:00:00' ON COMPLETION NOT PRESERVE ", "'2030-01-01 00:00:00' "));
    const kept = event('ENABLE').replace('ON COMPLETION NOT PRESERVE ENABLE COMMENT', 'ON COMPLETION PRESERVE ENABLE COMMENT');
    expect(eventForReplica(kept, parseServerVersion('9.7.0'), 'HIGH_NOT_PRECEDENCE')).toBe(kept.replace('PRESERVE ENABLE COMMENT', 'PRESERVE DISABLE ON REPLICA COMMENT'));
  });

  it('the definer of an event has its whole name, where a server before 8.0 took it apart at an @ of it', () => {
    const of = (definer: string): string => event('DISABLE').replace(/DEFINER=.*?@`%`/, `DEFINER=${definer}`);
    expect(of('`h_`@`at@localhost`')).toContain('`at@localhost`');
    expect(eventForReplica(of('`h_`@`at@localhost`'), parseServerVersion('5.7.22'))).toBe(of('`h_@at`@`localhost`'));
    expect(eventForReplica(of('`h``_`@`%`'), parseServerVersion('5.7.22'))).toBe(of('`h``_`@`%`'));
  });

  it('refuses an event it cannot read', () => {
    expect(() => eventForReplica('CREATE EVENT x ON SCHEDULE EVERY 1 DAY DO SELECT 1', parseServerVersion('9.7.0'))).toThrow(expect.objectContaining({ error: expect.objectContaining({ code: 'internal' }) }));
  });

  it('leaves out the modes that 8.0 no longer knows', () => {
    expect(modeFor('ANSI_QUOTES,NO_AUTO_CREATE_USER,PIPES_AS_CONCAT', parseServerVersion('8.0.40'))).toBe('ANSI_QUOTES,PIPES_AS_CONCAT');
    expect(modeFor('ANSI_QUOTES,NO_AUTO_CREATE_USER', parseServerVersion('5.7.44'))).toBe('ANSI_QUOTES,NO_AUTO_CREATE_USER');
  });

  it('takes default roles out of an account, and nothing that only looks like them', () => {
    const definition = "CREATE USER `a`@`%` IDENTIFIED WITH 'caching_sha2_password' AS 0x24 DEFAULT ROLE `r``1`@`%`,`r2`@`%` REQUIRE NONE PASSWORD EXPIRE DEFAULT";
    expect(withoutDefaultRole(definition)).toBe("CREATE USER `a`@`%` IDENTIFIED WITH 'caching_sha2_password' AS 0x24 REQUIRE NONE PASSWORD EXPIRE DEFAULT");
    const none = "CREATE USER ` DEFAULT ROLE `@`%` IDENTIFIED WITH 'x' AS 0x00 REQUIRE NONE";
    expect(withoutDefaultRole(none)).toBe(none);
    const told = "CREATE USER `a`@`%` IDENTIFIED WITH 'x' AS 0x00 REQUIRE NONE PASSWORD EXPIRE DEFAULT ATTRIBUTE '{\"comment\": \" DEFAULT ROLE `r`@`%` \"}'";
    expect(withoutDefaultRole(told)).toBe(told);
  });

  it('gives the two rights that stand in the place of SET_USER_ID from 8.2 on', () => {
    const grant = 'GRANT BINLOG_ADMIN,SET_USER_ID ON *.* TO `SET_USER_ID`@`%` WITH GRANT OPTION';
    expect(forVersion(grant, parseServerVersion('8.1.0'))).toBe(grant);
    expect(forVersion(grant, parseServerVersion('8.2.0'))).toBe('GRANT BINLOG_ADMIN, SET_ANY_DEFINER, ALLOW_NONEXISTENT_DEFINER ON *.* TO `SET_USER_ID`@`%` WITH GRANT OPTION');
    for (const other of ['GRANT `SET_USER_ID`@`%` TO `a`@`%`', 'GRANT SELECT (`SET_USER_ID`) ON `d`.`t` TO `a`@`%`']) expect(forVersion(other, parseServerVersion('9.7.0'))).toBe(other);
  });

  it('quotes what a certificate must say, and takes a GRANT of several rights apart', () => {
    const shown = "CREATE USER 'a'@'%' IDENTIFIED WITH 'x' AS 'y' REQUIRE SUBJECT '/CN=a\\b (c)' ISSUER '/O=O'Reilly' PASSWORD EXPIRE NEVER";
    expect(withQuotedRequirement(shown, { cipher: '', issuer: "/O=O'Reilly", subject: '/CN=a\\b (c)' }))
      .toBe("CREATE USER 'a'@'%' IDENTIFIED WITH 'x' AS 'y' REQUIRE SUBJECT '/CN=a\\\\b (c)' ISSUER '/O=O''Reilly' PASSWORD EXPIRE NEVER");
    expect(withQuotedRequirement("GRANT USAGE ON *.* TO 'a'@'%' REQUIRE ISSUER 'i' CIPHER 'c'", { cipher: 'c', issuer: 'i', subject: '' }))
      .toBe("GRANT USAGE ON *.* TO 'a'@'%' REQUIRE ISSUER 'i' CIPHER 'c'");
    expect(withQuotedRequirement("CREATE USER 'a'@'%' REQUIRE SSL", { cipher: '', issuer: '', subject: '' })).toBe("CREATE USER 'a'@'%' REQUIRE SSL");
    expect(oneByOne('GRANT SELECT, SHOW VIEW,BINLOG_ADMIN ON *.* TO `a`@`%` WITH GRANT OPTION')).toEqual([
      'GRANT SELECT ON *.* TO `a`@`%` WITH GRANT OPTION', 'GRANT SHOW VIEW ON *.* TO `a`@`%` WITH GRANT OPTION', 'GRANT BINLOG_ADMIN ON *.* TO `a`@`%` WITH GRANT OPTION',
    ]);
    for (const one of ['GRANT SELECT (`a`, `b`), INSERT ON `d`.`t` TO `a`@`%`', 'GRANT `r1`@`%`,`r2`@`%` TO `a`@`%`', 'GRANT USAGE ON *.* TO `a`@`%`']) expect(oneByOne(one)).toEqual([one]);
  });
});

describe('the grants that 5.6 shows', () => {
  const usage = (rest: string): string => `GRANT USAGE ON *.* TO 'sha'@'%'${rest}`;

  it.each([
    ["'*0123456789ABCDEF'", ''],
    ['<secret>', ''],
    // A salt is printed as it is.
    ["'$5$it's a s'alt$vCt$hmqDMyoNVEleBJIO.'", ''],
    ["'$5$a'\nb' $x.'", " REQUIRE ISSUER '/O=it' SUBJECT '/CN=a b' WITH GRANT OPTION"],
    ["'*01'", ' WITH MAX_QUERIES_PER_HOUR 7'],
    ["''", ' REQUIRE SSL'],
  ])('are taken without the hash %s', (hash, rest) => {
    expect(withoutPassword(usage(` IDENTIFIED BY PASSWORD ${hash}${rest}`))).toBe(usage(rest));
  });

  it('are taken as they are where there is none', () => {
    expect(withoutPassword(usage(' REQUIRE SSL'))).toBe(usage(' REQUIRE SSL'));
  });
});
