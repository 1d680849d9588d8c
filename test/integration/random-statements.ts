// Statements that people run on a source, at random and repeatable: tables, views, programs, accounts, and the renames of schema-change tools.
import { traitsOf, type Series } from '../fixtures/series';

/** Numbers of one seed, each time the same (mulberry32). */
export function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Names {
  /** Databases that statements go to. */
  readonly databases: readonly string[];
  /** Names that the first copy left out: statements speak of them more often than of others. */
  readonly leftOut: { readonly views: readonly string[]; readonly tables: readonly string[]; readonly events: readonly string[] };
}

/** Makes one after the other, of everything that the series knows; many of them fail on the source, as people's do. */
export function statementsOf(seed: number, series: Series, { databases, leftOut }: Names): () => readonly string[] {
  const next = numbers(seed);
  const { since57, since80 } = traitsOf(series);
  const pick = <Item>(items: readonly Item[]): Item => {
    const item = items[Math.floor(next() * items.length)];
    if (item === undefined) throw new Error('nothing to choose from');
    return item;
  };
  const number = (most: number): number => Math.floor(next() * most);
  const database = (): string => pick(databases);
  const table = (): string => (next() < 0.12 && leftOut.tables.length > 0 ? pick(leftOut.tables) : `${database()}.t${number(5)}`);
  const view = (): string => (next() < 0.3 && leftOut.views.length > 0 ? pick(leftOut.views) : `${database()}.v${number(4)}`);
  const event = (): string => (next() < 0.3 && leftOut.events.length > 0 ? pick(leftOut.events) : `${database()}.e${number(3)}`);
  const account = (): string => `'u${number(4)}'@'${pick(['%', '10.0.%'])}'`;
  const role = (): string => `'r${number(3)}'@'%'`;
  const several = (one: () => string): string => [...new Set(Array.from({ length: 1 + number(3) }, one))].join(', ');
  // A list that fails in part makes 5.6 log an incident without a number of its own, which only a restart gets past.
  const receivers = (): string => (since57 ? several(account) : account());
  const ifExists = (): string => pick(['', 'IF EXISTS ']);
  const definer = (): string => pick(['', '', `DEFINER = ${account()} `]);
  const columns = '(id INT PRIMARY KEY, n INT, s VARCHAR(20))';

  const tables: readonly (() => readonly string[])[] = [
    () => [`CREATE TABLE ${table()} ${columns}`],
    () => [`CREATE TABLE IF NOT EXISTS ${table()} ${columns}`],
    () => [`DROP TABLE ${ifExists()}${several(table)}`],
    () => [`ALTER TABLE ${table()} ADD COLUMN c${number(3)} INT`],
    () => [`ALTER TABLE ${table()} DROP COLUMN c${number(3)}`],
    () => [`ALTER TABLE ${table()} RENAME TO ${table()}`],
    () => [`RENAME TABLE ${table()} TO ${table()}, ${table()} TO ${table()}`],
    () => [`CREATE TABLE ${table()} LIKE ${table()}`],
    () => [`CREATE TABLE ${table()} (id INT PRIMARY KEY, n INT, s VARCHAR(20)) AS SELECT id, n, s FROM ${table()}`],
    () => [`TRUNCATE ${table()}`],
    () => [`CREATE INDEX i${number(2)} ON ${table()} (n)`],
    () => [`DROP INDEX i${number(2)} ON ${table()}`],
    () => [`ALTER TABLE ${table()} ADD CONSTRAINT fk${number(1000)} FOREIGN KEY (n) REFERENCES ${table()} (id)`],
    () => [`ALTER TABLE ${table()} ENGINE = InnoDB, COMMENT = 'c${number(9)}'`],
    () => [`CREATE DATABASE IF NOT EXISTS ${pick(['extra', database()])}`],
    () => ['DROP DATABASE IF EXISTS extra'],
    () => ['CREATE TABLE extra.t0 (id INT PRIMARY KEY)'],
    () => [`ALTER DATABASE ${database()} CHARACTER SET ${pick(['latin1', 'utf8mb4'])}`],
  ];
  const rows: readonly (() => readonly string[])[] = [
    () => [`INSERT IGNORE INTO ${table()} (id, n) VALUES (${number(40)}, NULL), (${number(40)}, NULL)`],
    () => [`UPDATE ${table()} SET s = 's${number(99)}' WHERE id < ${number(40)}`],
    () => [`DELETE FROM ${table()} WHERE id > ${number(40)}`],
    () => [`INSERT IGNORE INTO ${table()} (id, s) SELECT id, s FROM ${table()}`],
    () => ['BEGIN', `INSERT IGNORE INTO ${table()} (id) VALUES (${number(40)})`, `UPDATE ${table()} SET s = 'x' WHERE id < 5`, 'COMMIT'],
  ];
  const programs: readonly (() => readonly string[])[] = [
    () => [`CREATE ${pick(['', 'OR REPLACE '])}${definer()}VIEW ${view()} AS SELECT id, s FROM ${pick([table, view])()}`],
    () => [`CREATE ${pick(['', 'OR REPLACE '])}${definer()}VIEW ${view()} AS SELECT a.id, b.s FROM ${table()} a JOIN ${pick([table, view])()} b USING (id)`],
    () => [`ALTER VIEW ${view()} AS SELECT id FROM ${table()}`],
    () => [`DROP VIEW ${ifExists()}${several(view)}`],
    () => [`RENAME TABLE ${view()} TO ${view()}`],
    () => [`CREATE ${definer()}PROCEDURE ${database()}.p${number(3)} () SELECT id FROM ${table()}`],
    () => [`DROP PROCEDURE ${ifExists()}${database()}.p${number(3)}`],
    () => [`ALTER PROCEDURE ${database()}.p${number(3)} COMMENT 'c${number(9)}'`],
    () => [`CREATE FUNCTION ${database()}.f${number(3)} () RETURNS INT DETERMINISTIC NO SQL RETURN ${number(9)}`],
    () => [`USE ${database()}`, `DROP FUNCTION ${ifExists()}f${number(3)}`],
    () => [`USE ${database()}`, `CREATE TRIGGER tr${number(3)} BEFORE INSERT ON t${number(5)} FOR EACH ROW SET NEW.s = 'by trigger'`],
    () => [`DROP TRIGGER ${ifExists()}${database()}.tr${number(3)}`],
    () => [`CREATE EVENT ${event()} ON SCHEDULE EVERY 1 DAY DO SELECT ${number(9)}`],
    () => [`ALTER EVENT ${event()} ${pick(['DISABLE', 'ENABLE', "COMMENT 'c'"])}`],
    () => [`ALTER EVENT ${event()} RENAME TO ${event()}`],
    () => [`DROP EVENT ${ifExists()}${event()}`],
  ];
  const accounts: readonly (() => readonly string[])[] = [
    () => [`CREATE USER ${several(account)}`],
    () => [`CREATE USER ${account()} IDENTIFIED BY 'Passw0rd!${number(9)}'`],
    () => [`DROP USER ${since57 ? ifExists() : ''}${several(account)}`],
    () => [`RENAME USER ${account()} TO ${account()}`],
    () => [`GRANT SELECT, INSERT ON ${pick([table, view, () => `${database()}.*`, () => '*.*'])()} TO ${receivers()}`],
    () => [`GRANT SELECT (id), UPDATE (n) ON ${table()} TO ${receivers()}`],
    () => [`REVOKE INSERT ON ${pick([table, view, () => `${database()}.*`, () => '*.*'])()} FROM ${receivers()}`],
    () => [`REVOKE ALL PRIVILEGES, GRANT OPTION FROM ${receivers()}`],
    () => [`GRANT EXECUTE ON PROCEDURE ${database()}.p${number(3)} TO ${receivers()}`],
    ...(since57 ? [
      () => [`ALTER USER ${several(account)} ACCOUNT ${pick(['LOCK', 'UNLOCK'])}`],
      () => [`ALTER USER ${account()} IDENTIFIED BY 'Passw0rd!${number(9)}'`],
      () => [`CREATE USER IF NOT EXISTS ${several(account)}`],
    ] : []),
    ...(since80 ? [
      () => [`CREATE ROLE ${several(role)}`],
      () => [`DROP ROLE ${ifExists()}${several(role)}`],
      () => [`GRANT ${several(role)} TO ${receivers()}`],
      () => [`REVOKE ${several(role)} FROM ${receivers()}`],
      () => [`GRANT SELECT ON ${pick([table, view])()} TO ${several(role)}`],
      () => [`SET DEFAULT ROLE ${pick(['ALL', 'NONE', role()])} TO ${several(account)}`],
    ] : []),
  ];
  const tools: readonly (() => readonly string[])[] = [
    () => {
      const [where, name] = [database(), `t${number(5)}`];
      return [
        `CREATE TABLE ${where}._${name}_gho LIKE ${where}.${name}`, `ALTER TABLE ${where}._${name}_gho ADD COLUMN g${number(3)} INT`,
        `INSERT IGNORE INTO ${where}._${name}_gho (id, n, s) SELECT id, n, s FROM ${where}.${name}`,
        `RENAME TABLE ${where}.${name} TO ${where}._${name}_del, ${where}._${name}_gho TO ${where}.${name}`, `DROP TABLE ${where}._${name}_del`,
      ];
    },
    () => {
      const [where, name] = [database(), `t${number(5)}`];
      return [
        `USE ${where}`, `CREATE TABLE _${name}_new LIKE ${name}`, `ALTER TABLE _${name}_new ADD COLUMN o${number(3)} INT`,
        `CREATE TRIGGER pt_osc_${name}_ins AFTER INSERT ON ${name} FOR EACH ROW REPLACE INTO _${name}_new (id, n, s) VALUES (NEW.id, NEW.n, NEW.s)`,
        `INSERT IGNORE INTO _${name}_new (id, n, s) SELECT id, n, s FROM ${name}`, `RENAME TABLE ${name} TO _${name}_old, _${name}_new TO ${name}`,
        `DROP TRIGGER IF EXISTS pt_osc_${name}_ins`, `DROP TABLE IF EXISTS _${name}_old`,
      ];
    },
  ];
  const known = [tables, rows, rows, programs, programs, accounts, tools];
  return () => pick(pick(known))();
}
