// Views and generated columns whose expressions servers print in their own words, each release otherwise.
const expressions = [
  'n IS NULL', 'n IS NOT NULL', 'NOT n', '!n', 'n AND id', 'n OR id', 'n XOR id', 'NOT (n AND id)', 'n IS TRUE', 'n IS NOT TRUE', 'n IS UNKNOWN', 'NOT ISNULL(n)', 'IF(n IS NULL AND id, 1, 2)',
  "CASE WHEN n THEN 'a' WHEN n IS NULL THEN 'c' END", 'n NOT IN (1, 2)', 'n IN (SELECT n FROM u)', 'n NOT IN (SELECT n FROM u)', '(n, id) NOT IN (SELECT n, id FROM u)', 'NOT EXISTS (SELECT 1 FROM u WHERE NOT u.n)',
  "s RLIKE '^a'", "s NOT REGEXP 'b'", "NOT (s REGEXP 'a' AND n)", "s NOT LIKE 'a%'", 'CONVERT(s USING utf8)', 'CONVERT(s USING latin1)', 'CAST(s AS CHAR CHARACTER SET utf8)', 'BINARY s', 'CONCAT(s, l)',
  "CONCAT_WS(',', s, l)", 's = l', 'STRCMP(s, l)', "s SOUNDS LIKE 'x'", 'GROUP_CONCAT(s, l)', 'UPPER(s)', 'UCASE(s)', 'LCASE(s)', 'SUBSTRING(s, 2)', 'n = (id = 1)', '0 = n', '0 <> n', 'd + INTERVAL 1 DAY',
  'COUNT(DISTINCT n, s)', 'GROUP_CONCAT(DISTINCT s ORDER BY n DESC)', "IF(s = 'a' OR NOT n, 1, 0)", "IF(n IS NULL, 'x', CONCAT('a', n))", "_utf8'abc'", 'TRIM(LEADING FROM s)', "s COLLATE utf8_bin = 'x'",
];
const selects = [
  'SELECT id FROM t WHERE n', 'SELECT id FROM t WHERE NOT n', "SELECT id FROM t WHERE s LIKE 'x' OR n", 'SELECT id FROM t WHERE MOD(n, 2)', 'SELECT t.id FROM t JOIN u ON t.id = u.n AND NOT u.s',
  'SELECT t.id FROM t LEFT JOIN u USING (id) WHERE u.n IS NULL', 'SELECT SQL_NO_CACHE id FROM t', 'SELECT SQL_CALC_FOUND_ROWS id FROM t', 'SELECT n, COUNT(*) AS c FROM t GROUP BY n HAVING c', 'SELECT id FROM t WHERE n WITH CHECK OPTION',
];

/** Statements that make them, in a database of their own. Generated columns came with 5.7. */
export function printedObjects(since57: boolean): readonly string[] {
  const generated = since57 ? ', g1 INT AS (n IS NULL) VIRTUAL, g2 INT AS (NOT n) STORED, g3 INT AS (n AND id) VIRTUAL, g4 INT AS (IF(n IS NULL OR id, 1, 2)) STORED' : '';
  return [
    'CREATE DATABASE printed CHARACTER SET utf8', 'USE printed', `CREATE TABLE t (id INT PRIMARY KEY, n INT, s VARCHAR(40), l VARCHAR(20) CHARACTER SET latin1, d DATE${generated})`,
    'CREATE TABLE u (id INT PRIMARY KEY, n INT, s VARCHAR(40))', "INSERT INTO t (id, n, s, l, d) VALUES (1, NULL, 'a', 'b', NULL), (2, 0, NULL, NULL, '2024-02-29'), (3, 5, 'b', 'b', NULL)",
    ...[...expressions.map((one) => `SELECT ${one} AS v FROM t`), ...selects].map((sql, at) => `CREATE VIEW v${at} AS ${sql}`),
  ];
}
