import { hasWildcard, matches } from './patterns';
import { levelText, partsOf, type RightLevel } from './right';
import type { AccountState } from './state';

/** What an account may do in one place. */
export interface GrantNode {
  readonly on: RightLevel;
  /** As it stands behind ON; the key of the node. */
  readonly level: string;
  readonly privileges: readonly string[];
  /** It may hand on what it has here; dynamic privileges have an option each. */
  readonly grantOption: boolean;
  readonly dynamic: readonly { readonly privilege: string; readonly grantOption: boolean }[];
  readonly columns: readonly { readonly column: string; readonly privileges: readonly string[] }[];
  /** What a partial revoke takes away here. */
  readonly restricted: readonly string[];
  /** The databases that are there now and that a pattern takes in; null: it is no pattern. */
  readonly matches: readonly string[] | null;
}

/** How a server goes by the names of databases in grants. */
export interface PatternReading {
  /** Those that are there. */
  readonly databases: readonly string[];
  /** partial_revokes is on: what a grant names is a database, whatever its characters. */
  readonly areNames: boolean;
}

const order: readonly RightLevel['kind'][] = ['server', 'database', 'table', 'routine'];

/** The rights of an account by where they are held: the server, then databases, then what is in them. */
export function grantTree({ rights }: Pick<AccountState, 'rights'>, { databases, areNames }: PatternReading): readonly GrantNode[] {
  interface Gathered { on: RightLevel; plain: string[]; dynamic: Map<string, boolean>; columns: Map<string, string[]>; restricted: string[] }
  const nodes = new Map<string, Gathered>();
  for (const right of rights) {
    const parts = partsOf(right);
    if (parts === null) continue;
    const node: Gathered = nodes.get(right.level) ?? { on: parts.on, plain: [], dynamic: new Map(), columns: new Map(), restricted: [] };
    nodes.set(right.level, node);
    if (parts.kind === 'restricted') node.restricted.push(parts.privilege);
    else if (parts.kind === 'dynamic') node.dynamic.set(parts.privilege, node.dynamic.get(parts.privilege) ?? false);
    else if (parts.kind === 'handed-on') node.dynamic.set(parts.privilege, true);
    else if (parts.column === null) node.plain.push(parts.privilege);
    else node.columns.set(parts.column, [...(node.columns.get(parts.column) ?? []), parts.privilege]);
  }
  const found = [...nodes.values()].map(({ on, plain, dynamic, columns, restricted }): GrantNode => ({
    on,
    level: levelText(on),
    privileges: plain.filter((privilege) => privilege !== 'GRANT OPTION'),
    grantOption: plain.includes('GRANT OPTION'),
    dynamic: [...dynamic].map(([privilege, grantOption]) => ({ privilege, grantOption })),
    columns: [...columns].map(([column, privileges]) => ({ column, privileges })),
    restricted,
    matches: on.kind === 'database' && !areNames && hasWildcard(on.pattern) ? databases.filter((database) => matches(on.pattern, database)) : null,
  }));
  return found.sort((a, b) => order.indexOf(a.on.kind) - order.indexOf(b.on.kind) || (a.level < b.level ? -1 : 1));
}

/** What an account may do, in a few words for a list. */
export interface GrantSummary {
  /** Rights on the server as a whole: how many, and the first of them. */
  readonly server: readonly string[];
  readonly databases: readonly string[];
  readonly tables: number;
  readonly routines: number;
  readonly roles: number;
  readonly grants: boolean;
}

export function grantSummary({ rights, roles }: Pick<AccountState, 'rights' | 'roles'>): GrantSummary {
  const known = rights.flatMap((right) => partsOf(right) ?? []).filter(({ kind }) => kind === 'static' || kind === 'dynamic');
  const levels = (kind: RightLevel['kind']): readonly string[] => [...new Set(known.filter(({ on }) => on.kind === kind).map(({ on }) => levelText(on)))];
  return {
    server: known.filter(({ on, privilege }) => on.kind === 'server' && privilege !== 'GRANT OPTION').map(({ privilege }) => privilege),
    databases: levels('database'),
    tables: levels('table').length,
    routines: levels('routine').length,
    roles: roles.length,
    grants: known.some(({ privilege }) => privilege === 'GRANT OPTION') || rights.some(({ kind }) => kind === 'handed-on'),
  };
}
