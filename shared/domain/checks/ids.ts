/** Every preflight check, in the order of the report. Titles, requirements and reasons are `checks.<id>.…` in the catalogues. */
export const checkIds = [
  'conn.src.tcp', 'conn.src.login', 'conn.dst.tcp', 'conn.dst.login', 'conn.repl.tcp', 'conn.repl.reverse', 'conn.rtt', 'conn.tls', 'conn.repl.tls',
  'server.product', 'server.version.min', 'server.version.order', 'server.id', 'server.uuid', 'server.lctn', 'server.time', 'server.timezone',
  'server.charset', 'server.sqlmode', 'server.engine', 'server.packet', 'server.size', 'server.disk', 'server.pagesize', 'server.clone', 'server.strict',
  'server.rowformat', 'server.tstz', 'server.compute',
  'binlog.on', 'binlog.format', 'binlog.image', 'binlog.filters', 'binlog.updates', 'binlog.retention', 'binlog.compress',
  'gtid.mode', 'gtid.consistency', 'gtid.errant', 'gtid.purged', 'gtid.anonymous', 'gtid.tagged',
  'priv.src.admin', 'priv.dst.admin', 'priv.repl', 'priv.repl.plugin', 'priv.dst.super',
  'priv.accounts', 'priv.arriving', 'priv.settings',
  'obj.system', 'obj.conflict', 'obj.stray', 'obj.name', 'obj.pk', 'obj.fk', 'obj.fk.action', 'obj.view', 'obj.crossdb', 'obj.definer', 'obj.trigger',
  'obj.event', 'obj.rowformat', 'obj.partition', 'obj.generated', 'obj.fulltext', 'obj.spatial', 'obj.encrypted', 'obj.tablespace', 'obj.size',
  'obj.function', 'obj.mysql', 'obj.zone', 'obj.fulltext.words', 'obj.engine.disabled', 'obj.broken', 'obj.filter', 'obj.filter.persist',
  'load.longtrx', 'load.lock', 'load.xa', 'dst.clean', 'dst.replicas', 'dst.idle', 'dst.readonly', 'dst.restart',
] as const;

/** The checks that a change of scope asks again: what the objects, the rights for a copy and the load on the source say. */
export const scopeCheckIds = [
  'server.engine', 'server.packet', 'binlog.format', 'binlog.image', 'priv.src.admin', 'priv.dst.admin',
  'obj.system', 'obj.stray', 'obj.name', 'obj.pk', 'obj.fk', 'obj.fk.action', 'obj.view', 'obj.crossdb', 'obj.definer', 'obj.trigger', 'obj.event',
  'obj.rowformat', 'obj.partition', 'obj.generated', 'obj.fulltext', 'obj.spatial', 'obj.encrypted', 'obj.tablespace', 'obj.size', 'obj.broken',
  'obj.fulltext.words', 'obj.engine.disabled', 'load.longtrx', 'load.lock', 'load.xa',
] as const satisfies readonly (typeof checkIds)[number][];

export type CheckId = (typeof checkIds)[number];

export function isCheckId(text: string): text is CheckId {
  return (checkIds as readonly string[]).includes(text);
}
