// Databases with one of each: what a copy must carry without a change.

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

export const tables56: readonly string[] = [
  ...common,
  'CREATE TABLE zoo.geo (id INT PRIMARY KEY, g GEOMETRY NOT NULL)',
  "INSERT INTO zoo.geo VALUES (1, GeomFromText('POINT(1 2)', 4326)), (2, GeomFromText('POLYGON((0 0,0 1,1 1,0 0))')), (3, GeomFromText('GEOMETRYCOLLECTION(MULTIPOINT(1 2,3 4),MULTILINESTRING((0 0,1e300 -1e-300),(5 5,6 6)))'))",
];

export const tables97: readonly string[] = [
  ...common,
  'CREATE TABLE zoo.geo (id INT PRIMARY KEY, g GEOMETRY NOT NULL, p POINT SRID 4326)',
  "INSERT INTO zoo.geo VALUES (1, ST_GeomFromText('POINT(1 2)', 4326), ST_GeomFromText('POINT(10 20)', 4326)), (2, ST_GeomFromText('POLYGON((0 0,0 1,1 1,0 0))'), NULL), (3, ST_GeomFromText('GEOMETRYCOLLECTION(MULTIPOINT((1 2),(3 4)),MULTILINESTRING((0 0,1e300 -1e-300),(5 5,6 6)),MULTIPOLYGON(((0 0,0 3,3 3,3 0,0 0),(1 1,1 2,2 2,2 1,1 1))))'), ST_GeomFromText('POINT(-90 180)', 4326))",
  'CREATE TABLE zoo.modern (id INT PRIMARY KEY, j JSON, g INT GENERATED ALWAYS AS (id * 2) STORED, h VARCHAR(20) GENERATED ALWAYS AS (CONCAT(id, "x")) VIRTUAL, hid INT DEFAULT 5 INVISIBLE, v VECTOR(3), dflt VARCHAR(36) DEFAULT (UUID()), CHECK (id > 0))',
  `INSERT INTO zoo.modern (id, j, hid, v, dflt) VALUES (1, '{"b": 1.0, "a": [null, true, "日本", 1e100, 12345678901234567890], "é": ""}', 6, TO_VECTOR('[1,2.5,-3]'), 'x'), (2, NULL, NULL, NULL, NULL), (3, 'null', 7, NULL, ''), (5, '{"k": {"deep": [[[[1]]]]}, "🐬": "\\\\u0000\\\\n''", "n": -0.0, "big": 18446744073709551615, "tiny": 5e-324}', 8, NULL, ''''), (4, '"\\\\\\\\\\\\""', 7, NULL, '')`,
];

export const hostile: readonly string[] = [
  "CREATE DATABASE `we``ird 'q\" %_;--\\\\`",
  "CREATE TABLE `we``ird 'q\" %_;--\\\\`.`t``'\"%s\\\\` (`c``'\" ,\\\\` INT PRIMARY KEY, `?` VARCHAR(9), `@c0` BIT(3))",
  "INSERT INTO `we``ird 'q\" %_;--\\\\`.`t``'\"%s\\\\` VALUES (1, '?', b'101')",
  `CREATE DATABASE \`${'d'.repeat(64)}\``,
  `CREATE TABLE \`${'d'.repeat(64)}\`.\`${'表'.repeat(40)}\` (a INT PRIMARY KEY)`,
  `INSERT INTO \`${'d'.repeat(64)}\`.\`${'表'.repeat(40)}\` VALUES (1), (2)`,
];

export const programs: readonly string[] = [
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
  // Its definer is nobody: the view keeps it all the same.
  'CREATE DEFINER = `gone`@`nowhere` VIEW zoo.orphan AS SELECT id FROM zoo.z_base',
  `CREATE DEFINER = \`someone\`@\`%\` TRIGGER zoo.delimiters AFTER INSERT ON zoo.parts FOR EACH ROW BEGIN
     -- a comment; with 'quotes' // and $$
     SET @seen = 'END; // DELIMITER $$ \\\\ '' ";"'; /* ; */
     IF NEW.id > 0 THEN SET @seen = "a;b"; END IF;
   END`,
  "CREATE DEFINER = `someone`@`%` PROCEDURE zoo.`say; it's 过程` (INOUT `参数` VARCHAR(20) CHARACTER SET utf8mb4, OUT b DECIMAL(65,30)) READS SQL DATA SQL SECURITY INVOKER COMMENT 'proc; ''注'' ' BEGIN DECLARE CONTINUE HANDLER FOR 1062 SET b = 0; SET `参数` = 'DELIMITER //'; END",
  "CREATE DEFINER = `someone`@`%` EVENT zoo.`once; 一次` ON SCHEDULE AT '2031-02-03 04:05:06' ON COMPLETION PRESERVE DO BEGIN SELECT ';'; END",
];

/** Roles, and what else accounts, triggers and comments have from 8.0 on. */
export const programs97: readonly string[] = [
  ...programs,
  "CREATE ROLE reader, 'writer'@'%'",
  'GRANT SELECT ON zoo.* TO reader',
  "GRANT reader TO 'writer'@'%' WITH ADMIN OPTION",
  "GRANT 'writer'@'%', reader TO 'app'@'%'",
  "SET DEFAULT ROLE reader TO 'app'@'%'",
  `ALTER USER 'narrow'@'10.%' REQUIRE SSL WITH MAX_USER_CONNECTIONS 3 PASSWORD EXPIRE INTERVAL 90 DAY ACCOUNT LOCK ATTRIBUTE '{"team": "灾备"}'`,
  "GRANT BACKUP_ADMIN ON *.* TO 'narrow'@'10.%'",
  'CREATE DEFINER = `someone`@`%` TRIGGER zoo.second BEFORE INSERT ON zoo.nokey FOR EACH ROW FOLLOWS trg SET NEW.a = COALESCE(NEW.a, 0)',
  "CREATE TABLE zoo.emoji (id INT PRIMARY KEY COMMENT 'c 🐬', v VARCHAR(20) DEFAULT '🐬' COMMENT 'v 🐬', KEY k (v) COMMENT 'k 🐬') COMMENT = 't 🐬'",
];
