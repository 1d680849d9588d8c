import { wildTablesOf } from '../scope/filters';
import type { Scope } from '../scope/scope';

/** The lines of the option file that restrict replication to a scope, for servers that cannot set filters at run time. */
export function filterLines(scope: Scope): readonly string[] {
  return wildTablesOf(scope).map((pattern) => `replicate-wild-do-table = ${/^[\w.%-]+$/.test(pattern) ? pattern : `"${pattern.replaceAll('\\', '\\\\')}"`}`);
}
