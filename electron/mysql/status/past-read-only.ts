import type { Dialect } from '../dialect/dialect';

/** mysql.user names its columns in capitals of its own since ever; here all three are lower case. */
const BY_SUPER = "SELECT User AS user, Host AS host, 'SUPER' AS privilege FROM mysql.user WHERE Super_priv = 'Y'";

/**
 * A query for every account that writes past read_only, one row a privilege: `user`, `host`, `privilege`. That is SUPER and, from 8.0 on,
 * CONNECTION_ADMIN, each also where it comes by a role or by a role of a role, activated or not: its holder may activate it.
 * It needs SELECT on mysql.user, and from 8.0 on on mysql.global_grants and mysql.role_edges.
 * https://dev.mysql.com/doc/refman/8.0/en/server-system-variables.html#sysvar_read_only
 */
export function accountsPastReadOnly({ features }: Dialect): string {
  if (!features.hasDynamicPrivileges) return BY_SUPER;
  // UNION drops what it has seen, so roles that hold each other end; the first part of a recursion gives its columns their width.
  return (
    'WITH RECURSIVE holder (user, host, privilege) AS (' +
    "SELECT CAST(USER AS CHAR(255)), CAST(HOST AS CHAR(255)), CAST(PRIV AS CHAR(32)) FROM mysql.global_grants WHERE PRIV = 'CONNECTION_ADMIN' " +
    `UNION ${BY_SUPER} ` +
    'UNION SELECT r.TO_USER, r.TO_HOST, h.privilege FROM mysql.role_edges r JOIN holder h ON r.FROM_USER = h.user AND r.FROM_HOST = h.host' +
    ') SELECT user, host, privilege FROM holder'
  );
}
