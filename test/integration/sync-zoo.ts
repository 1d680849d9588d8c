// Databases with one of each: what a copy must carry without a change.
import { isAtLeast, traitsOf, type Series } from '../fixtures/series';

const common: readonly string[] = [
  'CREATE DATABASE zoo CHARACTER SET utf8mb4',
  'SET NAMES utf8mb4',
  `CREATE TABLE zoo.numbers (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, t TINYINT, u BIGINT UNSIGNED, d DECIMAL(65,30), f FLOAT, g DOUBLE, fd FLOAT(7,4), b1 BIT(1), b64 BIT(64), z INT(5) ZEROFILL, y YEAR)`,
  `INSERT INTO zoo.numbers VALUES (1, -128, 18446744073709551615, '12345678901234567890123456789012345.123456789012345678901234567890', 1.2345678806304932, 2.2250738585072014e-308, 123.4567, b'1', b'1111111111111111111111111111111111111111111111111111111111111111', 7, 2155),
    (2, 127, 9007199254740993, '-0.000000000000000000000000000001', -3.4028234663852886e38, 1.7976931348623157e308, -0.0001, b'0', b'101', 0, 0000), (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (9223372036854775807, 0, 0, 0, 0.1, 0.1, 0, b'1', b'0', 99999, 1901)`,
  "SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO'",
  'INSERT INTO zoo.numbers (id) VALUES (0)',
  `CREATE TABLE zoo.texts (id INT PRIMARY KEY, c CHAR(10), v VARCHAR(200) CHARACTER SET utf8mb4, l VARCHAR(200) CHARACTER SET latin1, u2 VARCHAR(50) CHARACTER SET ucs2, gbk VARCHAR(50) CHARACTER SET gbk,
     bi BINARY(4), vb VARBINARY(300), tx LONGTEXT, bl LONGBLOB, e ENUM('a','b,c','d''e','') , s SET('x','y','z'), UNIQUE KEY (v(20)))`,
  `INSERT INTO zoo.texts VALUES (1, 'a  ', '日本語 🐬 \\\\ '' " \\n\\t', _latin1 X'E9E8FF80', _ucs2 X'65E5672C', _gbk X'C4E3BAC3D55C', X'00FF', X'000A0D1A5C27220922', 'NULL', X'', 'd''e', 'x,z'),
    (2, '', '', '', '', '', '', '', '', '', '', ''), (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), (4, 'NULL', '\\\\N', 'N', NULL, NULL, X'5C4E0000', X'5C4E', REPEAT('long ', 60000), REPEAT(X'00010203FF', 60000), 'b,c', 'y'), (5, ',', ''',''', NULL, NULL, NULL, NULL, X'27', '\\n', X'0A', 'a', 'x,y,z')`,
  "SET SESSION sql_mode = ''",
  `CREATE TABLE zoo.times (id INT PRIMARY KEY, d DATE, t TIME(6), dt DATETIME(6), ts TIMESTAMP(6) NULL, ts0 TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP)`,
  `INSERT INTO zoo.times VALUES (1, '0000-00-00', '-838:59:59', '0000-00-00 00:00:00', '1970-01-01 10:00:01.123456', '0000-00-00 00:00:00'), (2, '2024-02-00', '12:00:00.000001', '9999-12-31 23:59:59.999999', NULL, '2038-01-19 03:14:07'), (3, NULL, NULL, NULL, '2024-03-31 02:30:00', '2024-10-27 02:30:00')`,
  "SET SESSION sql_mode = 'ALLOW_INVALID_DATES'",
  "INSERT INTO zoo.times (id, d) VALUES (4, '2023-02-31')",
  "SET SESSION sql_mode = ''",
  'CREATE TABLE zoo.nokey (a INT, b VARCHAR(10))',
  "INSERT INTO zoo.nokey VALUES (1, 'x'), (1, 'x'), (NULL, NULL)",
  'CREATE TABLE zoo.empty (a INT PRIMARY KEY)',
  'CREATE TABLE zoo.parent (id INT PRIMARY KEY, child INT) ENGINE = InnoDB',
  'CREATE TABLE zoo.child (id INT PRIMARY KEY, parent INT, CONSTRAINT fk_p FOREIGN KEY (parent) REFERENCES zoo.parent (id) ON DELETE CASCADE) ENGINE = InnoDB',
  'ALTER TABLE zoo.parent ADD CONSTRAINT fk_c FOREIGN KEY (child) REFERENCES zoo.child (id)',
  'INSERT INTO zoo.parent VALUES (1, NULL)',
  'INSERT INTO zoo.child VALUES (10, 1)',
  'UPDATE zoo.parent SET child = 10',
  'CREATE TABLE zoo.integers (id INT PRIMARY KEY, s SMALLINT, su SMALLINT UNSIGNED, m MEDIUMINT, mu MEDIUMINT UNSIGNED, i INT, iu INT UNSIGNED, b BIGINT, tu TINYINT UNSIGNED, yes BOOL, d DECIMAL(65,0), dz DECIMAL(30,30) UNSIGNED ZEROFILL)',
  `INSERT INTO zoo.integers VALUES (1, -32768, 65535, -8388608, 16777215, -2147483648, 4294967295, -9223372036854775808, 255, TRUE, -99999999999999999999999999999999999999999999999999999999999999999, 0.000000000000000000000000000001),
    (2, 32767, 0, 8388607, 0, 2147483647, 0, 9223372036854775807, 0, FALSE, 99999999999999999999999999999999999999999999999999999999999999999, 0.999999999999999999999999999999)`,
  'CREATE TABLE zoo.floats (id INT PRIMARY KEY, f FLOAT, d DOUBLE, fu FLOAT UNSIGNED, r DOUBLE(20,4))',
  'INSERT INTO zoo.floats VALUES (1, 1.17549435e-38, 4.9e-324, 3.4028234663852886e38, 9999999999999999.1234), (2, 16777217, 9007199254740993, 0.1, -0.0001), (3, -0e0, -0e0, 0, 0), (4, 0.30000001192092896, 0.1e0 + 0.2e0, 1e-40, 1), (5, 3.1415927410125732, 3.141592653589793, 123456.789, 12345.6789)',
  // What needs 24 characters as text.
  'INSERT INTO zoo.floats VALUES (6, -1.1754943508222875e-38, -2.2250738585072014e-308, 0, 0), (7, -1.1754942106924411e-38, -1.7976931348623157e308, 0, 0)',
  // Small numbers, which releases print in one form or the other.
  'INSERT INTO zoo.floats VALUES (8, 1e-10, 1.2345678901234567e-10, 9.99999e-5, 0.0001), (9, -1.00000001335e-10, -0.00012345678901234567, 1e-5, 0), (10, 0.0001, 9.999999999999999e-5, 1e-15, 0)',
  'CREATE TABLE zoo.sizes (id INT PRIMARY KEY, tt TINYTEXT, mt MEDIUMTEXT, tb TINYBLOB, b BLOB, mb MEDIUMBLOB, vb VARBINARY(255), bin BINARY(255)) DEFAULT CHARACTER SET latin1',
  `INSERT INTO zoo.sizes VALUES (1, REPEAT('''', 255), REPEAT('\\\\', 70000), REPEAT(X'00', 255), REPEAT(X'27', 65535), REPEAT(X'5C27', 100000), X'80', X'275C'), (2, '', '', '', '', '', '', ''), (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL)`,
  'CREATE TABLE zoo.charsets (id INT PRIMARY KEY, u3 VARCHAR(40) CHARACTER SET utf8, sj VARCHAR(40) CHARACTER SET sjis, b5 VARCHAR(40) CHARACTER SET big5, g2 VARCHAR(40) CHARACTER SET gb2312, u16 VARCHAR(40) CHARACTER SET utf16, u32 VARCHAR(40) CHARACTER SET utf32, k8 VARCHAR(40) CHARACTER SET koi8r, gt MEDIUMTEXT CHARACTER SET gbk, bn VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, un CHAR(40) CHARACTER SET latin1 COLLATE latin1_general_cs) DEFAULT CHARACTER SET binary',
  // Characters whose last byte is that of a backslash: 表 in sjis, 功 in big5, 誠 in gbk.
  `INSERT INTO zoo.charsets VALUES (1, 'ключ 鍵', _sjis X'955C835C', _big5 X'A55CB35C', _gb2312 X'C4E3', _utf16 X'D83DDC2C0027005C', _utf32 X'0001F42C0000005C', _koi8r X'CBCCC0DE', _gbk X'D55C815CD55C27', 'e\u0301 é 🐬', 'Ä ä '), (2, '', '', '', '', '', '', '', '', '', ''), (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)`,
  `CREATE TABLE zoo.choices (id INT PRIMARY KEY, e ENUM('日','本','''','\\\\') CHARACTER SET utf8mb4, s SET('x','é','\\\\') CHARACTER SET latin1, s64 SET(${Array.from({ length: 64 }, (_, bit) => `'${bit}'`).join(',')}), b7 BIT(7), b33 BIT(33) NOT NULL DEFAULT b'1')`,
  // What is not among the values becomes the error value, number 0.
  `INSERT IGNORE INTO zoo.choices VALUES (1, 'none of them', '', '', b'0', b'0'), (2, '\\\\', 'é,\\\\', '0,63', b'1111111', X'01FFFFFFFF'), (3, NULL, NULL, NULL, NULL, DEFAULT), (4, '''', 'x', '62', X'27', X'5C')`,
  "SET SESSION time_zone = '+13:00'",
  'CREATE TABLE zoo.zones (id INT PRIMARY KEY, ts TIMESTAMP(3) NULL DEFAULT NULL, dt DATETIME(3), t3 TIME(3), y YEAR, touched TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP)',
  "INSERT INTO zoo.zones (id, ts, dt, t3, y) VALUES (1, '2024-06-30 23:59:59.999', '2024-06-30 23:59:59.999', '-00:00:00.001', 1901), (2, '1970-01-01 13:00:01', '1000-01-01 00:00:00', '838:59:59.000', 0), (3, '2038-01-19 16:14:07.999', '0001-01-01 00:00:00', '00:00:00', 2069)",
  "SET SESSION time_zone = '+00:00'",
  `CREATE TABLE zoo.noted (id INT NOT NULL AUTO_INCREMENT COMMENT 'it''s; \\\\ 键', v INT COMMENT 'a "b" \\n c', КЛЮЧ INT, 한글 INT, KEY note (v) COMMENT 'key; -- 注', PRIMARY KEY (id)) AUTO_INCREMENT = 4711 COMMENT = 'table; /* 表 */ ''x'' # é'`,
  'INSERT INTO zoo.noted (v, КЛЮЧ, 한글) VALUES (1, 2, 3)',
  "CREATE TABLE zoo.listed (id INT NOT NULL, country VARCHAR(2) NOT NULL, PRIMARY KEY (id, country)) PARTITION BY LIST COLUMNS (country) (PARTITION `de'` VALUES IN ('de', ''''), PARTITION `rest` VALUES IN ('cn', 'us') COMMENT = 'p; ''')",
  "INSERT INTO zoo.listed VALUES (1, 'de'), (2, ''''), (3, 'cn')",
  'CREATE TABLE zoo.hashed (id INT NOT NULL PRIMARY KEY, v INT) PARTITION BY RANGE (id) SUBPARTITION BY HASH (id) SUBPARTITIONS 2 (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE)',
  'INSERT INTO zoo.hashed VALUES (-1, 1), (9, 2), (10, 3)',
  "CREATE TABLE zoo.parts (id INT NOT NULL, at DATE NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (TO_DAYS(at)) (PARTITION p0 VALUES LESS THAN (TO_DAYS('2024-01-01')), PARTITION p1 VALUES LESS THAN MAXVALUE)",
  "INSERT INTO zoo.parts VALUES (1, '2023-05-05'), (1, '2024-05-05')",
];

const geometry56: readonly string[] = [
  'CREATE TABLE zoo.geo (id INT PRIMARY KEY, g GEOMETRY NOT NULL)',
  "INSERT INTO zoo.geo VALUES (1, ST_GeomFromText('POINT(1 2)', 4326)), (2, ST_GeomFromText('POLYGON((0 0,0 1,1 1,0 0))')), (3, ST_GeomFromText('GEOMETRYCOLLECTION(MULTIPOINT(1 2,3 4),MULTILINESTRING((0 0,1e300 -1e-300),(5 5,6 6)))'))",
];

const geometry80: readonly string[] = [
  'CREATE TABLE zoo.geo (id INT PRIMARY KEY, g GEOMETRY NOT NULL, p POINT SRID 4326)',
  "INSERT INTO zoo.geo VALUES (1, ST_GeomFromText('POINT(1 2)', 4326), ST_GeomFromText('POINT(10 20)', 4326)), (2, ST_GeomFromText('POLYGON((0 0,0 1,1 1,0 0))'), NULL), (3, ST_GeomFromText('GEOMETRYCOLLECTION(MULTIPOINT((1 2),(3 4)),MULTILINESTRING((0 0,1e300 -1e-300),(5 5,6 6)),MULTIPOLYGON(((0 0,0 3,3 3,3 0,0 0),(1 1,1 2,2 2,2 1,1 1))))'), ST_GeomFromText('POINT(-90 180)', 4326))",
];

/** What only servers from 5.7 on have; each column from the release on that brought it. */
function modernTables(series: Series): readonly string[] {
  const invisible = isAtLeast(series, [8, 0, 23]);
  const vector = isAtLeast(series, [9, 0, 0]);
  const dflt = isAtLeast(series, [8, 0, 13]);
  const row = (id: number, json: string, hidden: string, embedding: string, text: string): string =>
    `(${[String(id), json, ...(invisible ? [hidden] : []), ...(vector ? [embedding] : []), ...(dflt ? [text] : [])].join(', ')})`;
  const columns = ['id INT PRIMARY KEY', 'j JSON', 'g INT GENERATED ALWAYS AS (id * 2) STORED', 'h VARCHAR(20) GENERATED ALWAYS AS (CONCAT(id, "x")) VIRTUAL',
    ...(invisible ? ['hid INT DEFAULT 5 INVISIBLE'] : []), ...(vector ? ['v VECTOR(3)'] : []), ...(dflt ? ['dflt VARCHAR(36) DEFAULT (UUID())'] : []),
    ...(isAtLeast(series, [8, 0, 16]) ? ['CHECK (id > 0)'] : [])];
  return [
    `CREATE TABLE zoo.modern (${columns.join(', ')})`,
    `INSERT INTO zoo.modern (id, j${invisible ? ', hid' : ''}${vector ? ', v' : ''}${dflt ? ', dflt' : ''}) VALUES ${[
      row(1, `'{"b": 1.0, "a": [null, true, "日本", 1e100, 12345678901234567890], "é": ""}'`, '6', "TO_VECTOR('[1,2.5,-3]')", "'x'"),
      row(2, 'NULL', 'NULL', 'NULL', 'NULL'),
      row(3, "'null'", '7', 'NULL', "''"),
      // 5.7 prints the DOUBLE -0 as -0, which reads back as an INTEGER: no dump carries that.
      row(5, `'{"k": {"deep": [[[[1]]]]}, "🐬": "\\\\u0000\\\\n''", "n": ${traitsOf(series).since80 ? '-0.0' : '-0.5'}, "big": 18446744073709551615, "tiny": 5e-324}'`, '8', 'NULL', "''''"),
      row(4, `'"\\\\\\\\\\\\""'`, '7', 'NULL', "''"),
    ].join(', ')}`,
    `CREATE TABLE zoo.derived (id INT PRIMARY KEY, doc JSON NOT NULL, n INT GENERATED ALWAYS AS (doc->'$.n') VIRTUAL,
       name VARCHAR(20) CHARACTER SET utf8mb4 GENERATED ALWAYS AS (doc->>'$."na me"') VIRTUAL,
       st DATETIME(3) GENERATED ALWAYS AS (CAST(doc->>'$.at' AS DATETIME(3))) STORED NOT NULL, KEY by_n (n), UNIQUE KEY by_name (name, n), KEY by_st (st))`,
    `INSERT INTO zoo.derived (id, doc) VALUES (1, '{"n": 7, "na me": "é''x", "at": "2024-02-29 12:00:00.125"}'), (2, '{"n": -7, "na me": "日", "at": "1999-12-31 23:59:59"}')`,
    `CREATE TABLE zoo.searched (id INT PRIMARY KEY, t TEXT CHARACTER SET utf8mb4, FULLTEXT KEY ft (t) WITH PARSER ngram,
       low VARCHAR(50) CHARACTER SET utf8mb4 GENERATED ALWAYS AS (LOWER(LEFT(t, 50))) VIRTUAL, KEY low_key (low(10)))`,
    "INSERT INTO zoo.searched (id, t) VALUES (1, 'Größe 灾备 ÀÉ'), (2, NULL), (3, '')",
    'CREATE TABLE zoo.packed (id INT NOT NULL PRIMARY KEY, d DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, ts TIMESTAMP(3) NULL DEFAULT NULL) ROW_FORMAT = COMPRESSED KEY_BLOCK_SIZE = 8 STATS_PERSISTENT = 0',
    "INSERT INTO zoo.packed VALUES (1, '2024-02-29 00:00:00', '2024-02-29 00:00:00.001')",
  ];
}

/** What came with 8.0: collations of its own, keys of new kinds, defaults that are expressions. */
function tables80(series: Series): readonly string[] {
  if (!isAtLeast(series, [8, 0, 13])) return [];
  return [
    `CREATE TABLE zoo.collated (id INT PRIMARY KEY, ai VARCHAR(30) COLLATE utf8mb4_0900_ai_ci, ja VARCHAR(30) COLLATE utf8mb4_ja_0900_as_cs, bin VARCHAR(30) COLLATE utf8mb4_unicode_520_ci,
       la VARCHAR(30) CHARACTER SET latin1 COLLATE latin1_german2_ci, UNIQUE KEY (ai), KEY (ja DESC, id), KEY unseen (bin) INVISIBLE, KEY sum_of ((id + 1)), KEY low ((LOWER(la))))
       DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci`,
    "INSERT INTO zoo.collated VALUES (1, 'straße', 'はハ', 'ǅ', 'Müller'), (2, 'Straßen ', 'ｶﾞ', '🐬', 'Mueller'), (3, NULL, NULL, NULL, NULL)",
    'CREATE DATABASE zoo_0900 CHARACTER SET utf8mb4 COLLATE utf8mb4_da_0900_ai_ci',
    'CREATE TABLE zoo_0900.t (id INT PRIMARY KEY, s VARCHAR(10), d INT DEFAULT (id * 2 + 1), at DATETIME DEFAULT (CURRENT_TIMESTAMP - INTERVAL 1 DAY))',
    "INSERT INTO zoo_0900.t VALUES (1, 'Århus', 4, '2024-01-01 00:00:00')",
    ...(isAtLeast(series, [8, 0, 17]) ? [
      "CREATE TABLE zoo.many (id INT PRIMARY KEY, tags JSON, KEY each_tag ((CAST(tags->'$[*]' AS UNSIGNED ARRAY))))",
      "INSERT INTO zoo.many VALUES (1, '[1, 2, 3]'), (2, '[]'), (3, NULL)",
    ] : []),
    ...(isAtLeast(series, [8, 0, 30]) ? [
      'SET SESSION sql_generate_invisible_primary_key = ON',
      'CREATE TABLE zoo.keyed_unseen (v VARCHAR(9))',
      "INSERT INTO zoo.keyed_unseen VALUES ('a'), ('a'), (NULL)",
      'SET SESSION sql_generate_invisible_primary_key = OFF',
    ] : []),
  ];
}

/** Everything that tables of a series can hold. */
export function tablesOf(series: Series): readonly string[] {
  return [
    ...common,
    ...(isAtLeast(series, [8, 0, 3]) ? geometry80 : geometry56),
    ...(isAtLeast(series, [5, 7, 8]) ? modernTables(series) : []),
    ...tables80(series),
  ];
}

export const hostile: readonly string[] = [
  "CREATE DATABASE `we``ird 'q\" %_;--\\\\`",
  "CREATE TABLE `we``ird 'q\" %_;--\\\\`.`t``'\"%s\\\\` (`c``'\" ,\\\\` INT PRIMARY KEY, `?` VARCHAR(9), `@c0` BIT(3))",
  "INSERT INTO `we``ird 'q\" %_;--\\\\`.`t``'\"%s\\\\` VALUES (1, '?', b'101')",
  `CREATE DATABASE \`${'d'.repeat(64)}\``,
  `CREATE TABLE \`${'d'.repeat(64)}\`.\`${'表'.repeat(40)}\` (a INT PRIMARY KEY)`,
  `INSERT INTO \`${'d'.repeat(64)}\`.\`${'表'.repeat(40)}\` VALUES (1), (2)`,
];

const programs: readonly string[] = [
  "CREATE TABLE zoo.`gr``ant's` (`order` INT PRIMARY KEY, `k``y 'x', (1)` INT)",
  "CREATE USER 'someone'@'%' IDENTIFIED BY 'Pw-someone-1'",
  "GRANT ALL PRIVILEGES ON zoo.* TO 'someone'@'%'",
  'CREATE DEFINER = `someone`@`%` VIEW zoo.a_top AS SELECT 1 AS one',
  'CREATE VIEW zoo.z_base AS SELECT id, t FROM zoo.numbers',
  'CREATE OR REPLACE DEFINER = `someone`@`%` VIEW zoo.a_top AS SELECT id FROM zoo.z_base WHERE t IS NOT NULL',
  "SET SESSION sql_mode = 'ANSI_QUOTES'",
  'CREATE DEFINER = "someone"@"%" TRIGGER zoo.trg BEFORE INSERT ON zoo.nokey FOR EACH ROW SET NEW."b" = \'trg\'',
  "SET SESSION sql_mode = ''",
  "CREATE DEFINER = `someone`@`%` PROCEDURE zoo.proc (IN x INT) BEGIN /* ENABLE */ SELECT 'it''s', x; END",
  'CREATE DEFINER = `someone`@`%` FUNCTION zoo.fn (x INT) RETURNS INT DETERMINISTIC NO SQL RETURN x + 1',
  "CREATE DEFINER = `someone`@`%` EVENT zoo.ev ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' COMMENT 'ENABLE' DO INSERT INTO zoo.nokey VALUES (9, 'ENABLE')",
  "CREATE DEFINER = `someone`@`%` EVENT zoo.off ON SCHEDULE EVERY 1 HOUR DISABLE DO DELETE FROM zoo.nokey",
  "CREATE USER 'app'@'%' IDENTIFIED BY 'Pw-app-1'",
  "GRANT SELECT, INSERT ON zoo.* TO 'app'@'%'",
  "GRANT EXECUTE ON PROCEDURE zoo.proc TO 'app'@'%'",
  "CREATE USER 'narrow'@'10.%' IDENTIFIED BY 'Pw-narrow-1'",
  "GRANT SELECT (id, t), UPDATE (t) ON zoo.numbers TO 'narrow'@'10.%' WITH GRANT OPTION",
  "GRANT INSERT ON zoo.nokey TO 'narrow'@'10.%'",
  "GRANT SELECT, CREATE ROUTINE ON `we``ird 'q\" \\%\\_;--\\\\`.* TO 'narrow'@'10.%'",
  "GRANT PROCESS, REPLICATION CLIENT ON *.* TO 'narrow'@'10.%'",
  "CREATE USER 'o''bri`en \\\\x'@'%' IDENTIFIED BY 'Pw-odd-1'",
  "GRANT SELECT (`order`, `k``y 'x', (1)`), UPDATE (`order`) ON zoo.`gr``ant's` TO 'o''bri`en \\\\x'@'%'",
  "GRANT INSERT ON zoo.`gr``ant's` TO 'o''bri`en \\\\x'@'%' WITH GRANT OPTION",
  // Its definer is nobody: the view keeps it all the same.
  'CREATE DEFINER = `gone`@`nowhere` VIEW zoo.orphan AS SELECT id FROM zoo.z_base',
  `CREATE DEFINER = \`someone\`@\`%\` TRIGGER zoo.delimiters AFTER INSERT ON zoo.parts FOR EACH ROW BEGIN
     -- a comment; with 'quotes' // and $$
     SET @seen = 'END; // DELIMITER $$ \\\\ '' ";"'; /* ; */
     IF NEW.id > 0 THEN SET @seen = "a;b"; END IF;
   END`,
  "CREATE DEFINER = `someone`@`%` PROCEDURE zoo.`say; it's 过程` (INOUT `参数` VARCHAR(20) CHARACTER SET utf8mb4, OUT b DECIMAL(65,30)) READS SQL DATA SQL SECURITY INVOKER COMMENT 'proc; ''注'' ' BEGIN DECLARE CONTINUE HANDLER FOR 1062 SET b = 0; SET `参数` = 'DELIMITER //'; END",
  "CREATE DEFINER = `someone`@`%` EVENT zoo.`once; 一次` ON SCHEDULE AT '2031-02-03 04:05:06' ON COMPLETION PRESERVE DO BEGIN SELECT ';'; END",
  "GRANT EXECUTE, ALTER ROUTINE ON PROCEDURE zoo.`say; it's 过程` TO 'o''bri`en \\\\x'@'%' WITH GRANT OPTION",
];

/** What accounts of 5.6 say in other words. */
const programs56: readonly string[] = [
  "CREATE USER 'sha'@'%' IDENTIFIED WITH sha256_password",
  'SET SESSION old_passwords = 2',
  "SET PASSWORD FOR 'sha'@'%' = PASSWORD('Pw-sha-1')",
  'SET SESSION old_passwords = 0',
  "GRANT USAGE ON *.* TO 'certified'@'%' IDENTIFIED BY 'Pw-certified-1' REQUIRE ISSUER '/O=it''s' SUBJECT '/CN=a b' WITH MAX_QUERIES_PER_HOUR 7",
  "CREATE USER 'expired'@'%' IDENTIFIED BY 'Pw-expired-1'",
  "ALTER USER 'expired'@'%' PASSWORD EXPIRE",
];

/** What accounts and triggers have from 5.7 on. */
function programs57(series: Series): readonly string[] {
  const attribute = isAtLeast(series, [8, 0, 21]) ? ` ATTRIBUTE '{"team": "灾备"}'` : '';
  const tries = isAtLeast(series, [8, 0, 19]) ? ' FAILED_LOGIN_ATTEMPTS 4 PASSWORD_LOCK_TIME 2' : '';
  return [
    `ALTER USER 'narrow'@'10.%' REQUIRE SSL WITH MAX_USER_CONNECTIONS 3 PASSWORD EXPIRE INTERVAL 90 DAY ACCOUNT LOCK${tries}${attribute}`,
    'CREATE DEFINER = `someone`@`%` TRIGGER zoo.second BEFORE INSERT ON zoo.nokey FOR EACH ROW FOLLOWS trg SET NEW.a = COALESCE(NEW.a, 0)',
    "CREATE USER 'sha'@'%' IDENTIFIED WITH sha256_password BY 'Pw-sha-1'",
    "CREATE USER 'certified'@'%' IDENTIFIED BY 'Pw-certified-1' REQUIRE SUBJECT '/CN=a b' ISSUER '/O=it''s' PASSWORD EXPIRE NEVER",
    "CREATE USER 'expired'@'%' IDENTIFIED BY 'Pw-expired-1' PASSWORD EXPIRE",
    ...(traitsOf(series).nativePassword ? ["CREATE USER 'native'@'%' IDENTIFIED WITH mysql_native_password BY 'Pw-native-1'"] : []),
  ];
}

/** Roles, and what else accounts and comments have from 8.0 on. */
function programs80(series: Series): readonly string[] {
  return [
    "CREATE ROLE reader, 'writer'@'%'",
    'GRANT SELECT ON zoo.* TO reader',
    "GRANT reader TO 'writer'@'%' WITH ADMIN OPTION",
    "GRANT 'writer'@'%', reader TO 'app'@'%'",
    "SET DEFAULT ROLE reader TO 'app'@'%'",
    "GRANT BACKUP_ADMIN ON *.* TO 'narrow'@'10.%'",
    "GRANT CONNECTION_ADMIN ON *.* TO 'narrow'@'10.%' WITH GRANT OPTION",
    "ALTER USER 'app'@'%' PASSWORD HISTORY 3 PASSWORD REUSE INTERVAL 30 DAY",
    "CREATE TABLE zoo.emoji (id INT PRIMARY KEY COMMENT 'c 🐬', v VARCHAR(20) DEFAULT '🐬' COMMENT 'v 🐬', KEY k (v) COMMENT 'k 🐬') COMMENT = 't 🐬'",
    ...(isAtLeast(series, [8, 0, 14]) ? ["ALTER USER 'someone'@'%' IDENTIFIED BY 'Pw-someone-2' RETAIN CURRENT PASSWORD"] : []),
  ];
}

/** Views, routines, triggers, events and accounts of a series. */
export function programsOf(series: Series): readonly string[] {
  const { since57, since80 } = traitsOf(series);
  return [...programs, ...(since57 ? programs57(series) : programs56), ...(since80 ? programs80(series) : [])];
}

/** The users that these statements make. */
export function usersOf(series: Series): readonly string[] {
  const { since57, since80, nativePassword } = traitsOf(series);
  return [
    'someone', 'app', 'narrow', "o'bri`en \\x", 'sha', 'certified', 'expired',
    ...(since57 && nativePassword ? ['native'] : []),
    ...(since80 ? ['reader', 'writer'] : []),
  ];
}
