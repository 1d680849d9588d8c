// What two servers hold, compared by plain SQL and none of the product's code.
import type { NamedObject } from '../../shared/domain/scope/named-objects';
import type { Scope } from '../../shared/domain/scope/scope';
import { isAtLeast, traitsOf, type Series } from '../fixtures/series';
import type { TestServer } from '../fixtures/servers';

interface Compared {
  readonly source: TestServer;
  readonly standby: TestServer;
  readonly scope: Scope;
  readonly series: Series;
  readonly except: readonly NamedObject[];
  readonly inScope: (database: string, name: string) => boolean;
}

const ours = "('mysql', 'sys', 'information_schema', 'performance_schema', 'antipode')";

/** What one server holds, by name: definitions of everything, rows of tables, accounts with their rights. */
async function holdings(server: TestServer, { scope, series, inScope }: Compared): Promise<Map<string, string>> {
  const held = new Map<string, string>();
  const wholeDatabase = (database: string): boolean => inScope(database, ' any name ');
  const shown = async (statement: string, field: string): Promise<string> => {
    const [row] = await server.query<Record<string, string>>(statement).catch((thrown: unknown) => [{ [field]: `cannot be shown ${(thrown as { errno?: number }).errno ?? ''}` }]);
    return row?.[field] ?? '';
  };
  const tables = await server.query<{ d: string; n: string; t: string }>(`SELECT TABLE_SCHEMA d, TABLE_NAME n, TABLE_TYPE t FROM information_schema.TABLES WHERE TABLE_SCHEMA NOT IN ${ours}`);
  for (const { d, n, t } of tables) {
    if (t === 'VIEW' ? !wholeDatabase(d) : !inScope(d, n)) continue;
    const name = `\`${d}\`.\`${n}\``;
    if (t === 'VIEW') {
      // Before an alias a database is printed or not by what it stood for when the view was made: it is in none.
      held.set(`TABLE ${d}.${n}`, (await shown(`SHOW CREATE VIEW ${name}`, 'Create View')).replaceAll(/`\w+`\.(`[ab]`\.`)/g, '$1'));
      continue;
    }
    // An index that a server has made for a foreign key goes with the next one on the column; none tells that of it, and a copy of it stays.
    held.set(`TABLE ${d}.${n}`, (await shown(`SHOW CREATE TABLE ${name}`, 'Create Table')).replace(/ AUTO_INCREMENT=\d+/, '').replace(/,\n {2}KEY `fk\d+` \(`n`\)/, ''));
    held.set(`rows ${d}.${n}`, JSON.stringify((await server.query<Record<string, unknown>>(`SELECT * FROM ${name}`)).map((row) => JSON.stringify(row)).sort()));
  }
  const routines = await server.query<{ d: string; n: string; t: string }>(`SELECT ROUTINE_SCHEMA d, ROUTINE_NAME n, ROUTINE_TYPE t FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA NOT IN ${ours}`);
  for (const { d, n, t } of routines) if (wholeDatabase(d)) held.set(`${t} ${d}.${n}`, await shown(`SHOW CREATE ${t} \`${d}\`.\`${n}\``, t === 'FUNCTION' ? 'Create Function' : 'Create Procedure'));
  const triggers = await server.query<{ d: string; n: string; o: string }>(`SELECT TRIGGER_SCHEMA d, TRIGGER_NAME n, EVENT_OBJECT_TABLE o FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA NOT IN ${ours}`);
  for (const { d, n, o } of triggers) if (inScope(d, o)) held.set(`TRIGGER ${d}.${n}`, await shown(`SHOW CREATE TRIGGER \`${d}\`.\`${n}\``, 'SQL Original Statement'));
  const events = await server.query<{ d: string; n: string }>(`SELECT EVENT_SCHEMA d, EVENT_NAME n FROM information_schema.EVENTS WHERE EVENT_SCHEMA NOT IN ${ours}`);
  // Whether it runs differs on purpose.
  for (const { d, n } of events) if (wholeDatabase(d)) held.set(`EVENT ${d}.${n}`, (await shown(`SHOW CREATE EVENT \`${d}\`.\`${n}\``, 'Create Event')).replace(/ (?:ENABLE|DISABLE(?: ON (?:SLAVE|REPLICA))?)(?= |$)/g, ''));
  if (scope.kind === 'instance') await accountsOf(server, series, held);
  return held;
}

async function accountsOf(server: TestServer, series: Series, held: Map<string, string>): Promise<void> {
  // SHOW GRANTS tells what the server remembers, which may be older than what it keeps.
  await server.query('FLUSH LOCAL PRIVILEGES');
  const users = await server.query<{ u: string; h: string }>("SELECT User u, Host h FROM mysql.user WHERE User REGEXP '^[ur][0-9]$'");
  for (const { u, h } of users) {
    const account = `'${u}'@'${h}'`;
    const grants = (await server.query<Record<string, string>>(`SHOW GRANTS FOR ${account}`)).map((row) => Object.values(row)[0]).sort().join('; ');
    const definition = isAtLeast(series, [5, 7, 6]) ? await server.query<Record<string, string>>(`${traitsOf(series).since80 && isAtLeast(series, [8, 0, 17]) ? 'SET SESSION print_identified_with_as_hex = ON; ' : ''}SHOW CREATE USER ${account}`) : [];
    held.set(`ACCOUNT ${u}@${h}`, `${JSON.stringify(definition.flat().map((row) => Object.values(row)[0]))}; ${grants}`);
  }
}

/** What a line gives, and on what to whom. */
function rightsIn(line: string): { readonly tail: string; readonly rights: readonly string[] } {
  const at = line.indexOf(' ON ');
  const tail = line.slice(at).replace(' WITH GRANT OPTION', '');
  const option = line.endsWith(' WITH GRANT OPTION') ? ['GRANT OPTION'] : [];
  return { tail, rights: [...line.slice(0, at).split(/[ ,()]+/).filter((word) => word !== ''), ...option] };
}

/** What differs, in words; what was left out, and rights on it, is told to be missing and is not counted. */
export async function differences(compared: Compared): Promise<readonly string[]> {
  const [there, here] = [await holdings(compared.source, compared), await holdings(compared.standby, compared)];
  const isLeftOut = (key: string): boolean => compared.except.some(({ kind, database, name }) => [`${kind} ${database}.${name}`, `rows ${database}.${name}`, `ACCOUNT ${name}`].some((one) => one.toLowerCase() === key.toLowerCase()));
  const names = compared.except.map(({ name }) => `\`${name}\``);
  // A server gives no rights on what is not there, and keeps those that it gave before: nobody can use them. The standby may lack such ones, and
  // has none of its own.
  const isOnNothing = (line: string): boolean => {
    const [, routine = 'TABLE', database = '', name = ''] = / ON (?:(PROCEDURE|FUNCTION) )?`([^`]+)`\.`([^`]+)` TO /.exec(line) ?? [];
    return name !== '' && database !== 'mysql' && !there.has(`${routine} ${database}.${name}`);
  };
  const withoutRights = (text: string, source = text): string => {
    const given = source.split('; ').map(rightsIn);
    const isLess = (line: string): boolean => {
      const { tail, rights } = rightsIn(line);
      return given.some((one) => one.tail === tail && rights.every((right) => one.rights.includes(right)));
    };
    return text.split('; ').filter((line) => !names.some((name) => line.includes(name)) && !(isOnNothing(line) && isLess(line))).join('; ');
  };
  const found: string[] = [];
  for (const key of new Set([...there.keys(), ...here.keys()])) {
    if (isLeftOut(key)) continue;
    const [source, standby] = [there.get(key), here.get(key)];
    const isAccount = key.startsWith('ACCOUNT') && source !== undefined && standby !== undefined;
    const [one, other] = isAccount ? [withoutRights(source), withoutRights(standby, source)] : [source, standby];
    if (one !== other) found.push(`${key}\n  source  ${one ?? '–'}\n  standby ${other ?? '–'}`);
  }
  return found;
}
