/**
 * A condition on a connection's id: it was killed while it rested, and is listed all the same. Before 8.0 KILL closes the socket itself; a
 * thread that comes to rest in that moment waits on no socket at all, until its wait_timeout (8 h by default). Nobody can send it anything
 * any more; what it holds it goes on holding, locks or a transaction. One that was killed at work is shown with its statement or its state, and is
 * not meant.
 *
 * @param id an expression of SQL that gives the id, of another table than information_schema.PROCESSLIST
 */
export function killedAtRest(id: string): string {
  const atRest = "k.COMMAND = 'Killed' AND k.INFO IS NULL AND IFNULL(k.STATE, '') = ''";
  return `(VERSION() LIKE '5.%' AND EXISTS (SELECT 1 FROM information_schema.PROCESSLIST k WHERE k.ID = ${id} AND ${atRest}))`;
}
