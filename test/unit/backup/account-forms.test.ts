import { expect, it } from 'vitest';
import { inWordsOf } from '../../../electron/backup/restore/account-forms';
import { parseServerVersion } from '../../../shared/domain/fleet/version';

const hash = '*6BB4837EB74329105EE4568DDA7DC67ED2CA2AD9';
const cases: readonly [sql: string, inNewWords: readonly string[]][] = [
  [`CREATE USER 'a'@'%' IDENTIFIED BY PASSWORD '${hash}'`, [`CREATE USER 'a'@'%' IDENTIFIED WITH 'mysql_native_password' AS '${hash}'`]],
  [
    `CREATE USER 'x IDENTIFIED BY PASSWORD ''y'@'%' IDENTIFIED BY PASSWORD '${hash}'`,
    [`CREATE USER 'x IDENTIFIED BY PASSWORD ''y'@'%' IDENTIFIED WITH 'mysql_native_password' AS '${hash}'`],
  ],
  ["CREATE USER 'a'@'%'", ["CREATE USER 'a'@'%'"]],
  ["CREATE USER 'a'@'%' IDENTIFIED WITH 'sha256_password' AS '$5$x'", ["CREATE USER 'a'@'%' IDENTIFIED WITH 'sha256_password' AS '$5$x'"]],
  ["GRANT SELECT, SUPER ON *.* TO 'a'@'%' WITH GRANT OPTION", ["GRANT SELECT, SUPER ON *.* TO 'a'@'%' WITH GRANT OPTION"]],
  [
    "GRANT ALL PRIVILEGES ON *.* TO 'a'@'h' REQUIRE SSL WITH GRANT OPTION MAX_QUERIES_PER_HOUR 5 MAX_USER_CONNECTIONS 2",
    ["ALTER USER 'a'@'h' REQUIRE SSL WITH MAX_QUERIES_PER_HOUR 5 MAX_USER_CONNECTIONS 2", "GRANT ALL PRIVILEGES ON *.* TO 'a'@'h' WITH GRANT OPTION"],
  ],
  [
    "GRANT USAGE ON *.* TO 'to WITH'@'h' REQUIRE ISSUER '/O=WITH it' SUBJECT '/CN=O''Reilly'",
    ["ALTER USER 'to WITH'@'h' REQUIRE ISSUER '/O=WITH it' SUBJECT '/CN=O''Reilly'", "GRANT USAGE ON *.* TO 'to WITH'@'h'"],
  ],
  ["GRANT USAGE ON *.* TO 'a'@'h' WITH MAX_UPDATES_PER_HOUR 3", ["ALTER USER 'a'@'h' WITH MAX_UPDATES_PER_HOUR 3", "GRANT USAGE ON *.* TO 'a'@'h'"]],
  ["GRANT PROXY ON ''@'' TO 'a'@'h' WITH GRANT OPTION", ["GRANT PROXY ON ''@'' TO 'a'@'h' WITH GRANT OPTION"]],
  ["GRANT 'r'@'%' TO 'a'@'h' WITH ADMIN OPTION", ["GRANT 'r'@'%' TO 'a'@'h' WITH ADMIN OPTION"]],
  ["GRANT SELECT ON *.* TO 'a'@'h' AS 'b'@'h' WITH ROLE NONE", ["GRANT SELECT ON *.* TO 'a'@'h' AS 'b'@'h' WITH ROLE NONE"]],
  ["SET DEFAULT ROLE 'r'@'%' TO 'a'@'h'", ["SET DEFAULT ROLE 'r'@'%' TO 'a'@'h'"]],
];

it.each(cases)('%s is said as a newer server takes it, and as it stands to one of its own series', (sql, inNewWords) => {
  for (const version of ['5.7.22', '8.0.31', '9.7.0']) expect(inWordsOf(parseServerVersion(version), sql)).toEqual(inNewWords);
  expect(inWordsOf(parseServerVersion('5.6.40'), sql)).toEqual([sql]);
});
