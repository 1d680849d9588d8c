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
  "CREATE TABLE zoo.parts (id INT NOT NULL, at DATE NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (TO_DAYS(at)) (PARTITION p0 VALUES LESS THAN (TO_DAYS('2024-01-01')), PARTITION p1 VALUES LESS THAN MAXVALUE)",
  "INSERT INTO zoo.parts VALUES (1, '2023-05-05'), (1, '2024-05-05')",
];

export const tables56: readonly string[] = [
  ...common,
  'CREATE TABLE zoo.geo (id INT PRIMARY KEY, g GEOMETRY NOT NULL)',
  "INSERT INTO zoo.geo VALUES (1, GeomFromText('POINT(1 2)', 4326)), (2, GeomFromText('POLYGON((0 0,0 1,1 1,0 0))'))",
];

export const tables97: readonly string[] = [
  ...common,
  'CREATE TABLE zoo.geo (id INT PRIMARY KEY, g GEOMETRY NOT NULL, p POINT SRID 4326)',
  "INSERT INTO zoo.geo VALUES (1, ST_GeomFromText('POINT(1 2)', 4326), ST_GeomFromText('POINT(10 20)', 4326)), (2, ST_GeomFromText('POLYGON((0 0,0 1,1 1,0 0))'), NULL)",
  'CREATE TABLE zoo.modern (id INT PRIMARY KEY, j JSON, g INT GENERATED ALWAYS AS (id * 2) STORED, h VARCHAR(20) GENERATED ALWAYS AS (CONCAT(id, "x")) VIRTUAL, hid INT DEFAULT 5 INVISIBLE, v VECTOR(3), dflt VARCHAR(36) DEFAULT (UUID()), CHECK (id > 0))',
  `INSERT INTO zoo.modern (id, j, hid, v, dflt) VALUES (1, '{"b": 1.0, "a": [null, true, "日本", 1e100, 12345678901234567890], "é": ""}', 6, TO_VECTOR('[1,2.5,-3]'), 'x'), (2, NULL, NULL, NULL, NULL), (3, 'null', 7, NULL, ''), (4, '"\\\\\\\\\\\\""', 7, NULL, '')`,
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
];
