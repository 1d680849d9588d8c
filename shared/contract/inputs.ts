import * as v from 'valibot';
import { restoreAccounts } from '../domain/backup/backup';
import { mostKept, mostProveDays } from '../domain/backup/policy';
import { accountChoices } from '../domain/accounts/shared-accounts';
import { appliable, lossClasses } from '../domain/promotion/dossier/classes';
import { dossierFormats } from '../domain/promotion/dossier/export';
import { routineKinds } from '../domain/accounts/right';
import { requirements } from '../domain/operations/accounts/change';
import { longestWatchSeconds } from '../domain/operations/gtid-change';
import { mostReread } from '../domain/operations/charset/plan';
import { keepings } from '../domain/operations/parameters/change';
import { mostChanges } from '../domain/operations/parameters/plan';
import { longestRowId, mostNamedRows, rowDifferences } from '../domain/operations/rollback/compare';
import { besideWays, mostNames, mostObjects } from '../domain/operations/rollback/beside-plan';
import { mostTransactions } from '../domain/operations/rollback/transaction';
import { mostChosen } from '../domain/operations/rollback/undo-plan';
import { mostSettings } from '../domain/operations/parameters/template';
import { longestSubject, longestWordNote } from '../domain/fleet/attention';
import { longestProblemKey, severities } from '../domain/fleet/problem';
import { tlsModes } from '../domain/fleet/instance';
import { accountHostProblem, longestAccountHost } from '../domain/fleet/login-hosts';
import { operations } from '../domain/fleet/policy';
import { seriesIds } from '../domain/monitoring/series';
import { rejoinWays } from '../domain/promotion/failback/failback';
import { longestPattern } from '../domain/schedules/pattern';
import { scheduleKinds } from '../domain/schedules/schedule';
import { promotionKinds } from '../domain/promotion/promotion';
import { secretTiers } from '../domain/settings';
import { seedChoices } from '../domain/sync/sync';

/** Input schemas of the contract. Every input from a window or the terminal passes one of these before anything runs. */

export const id = v.pipe(v.string(), v.minLength(1), v.maxLength(64), v.regex(/^[A-Za-z0-9-]+$/, 'A-Z a-z 0-9 -'));
/** A name that people read: anything printable, trimmed, 1 to 64 characters. */
// eslint-disable-next-line no-control-regex -- control characters are what it refuses
export const name = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(64), v.regex(/^[^\u0000-\u001f\u007f]+$/u, 'no control characters'));
/**
 * MySQL identifiers may hold any character but NUL and those past U+FFFF; 64 characters at most. A server takes one past
 * U+FFFF for `?`, and a filter made of it would match another table.
 */
export const identifier = v.pipe(
  v.string(), v.minLength(1), v.maxLength(64),
  v.check((text) => !text.includes('\0') && !/[\u{10000}-\u{10ffff}]/u.test(text), 'MySQL takes no NUL and no character beyond U+FFFF (emoji) in a name'),
);
export const password = v.pipe(v.string(), v.maxLength(1024));
export const phrase = v.pipe(v.string(), v.maxLength(256));
/** One transaction, as the engine writes it. */
/** A GTID set as the terminal or a window names it; what cannot be read as one is refused where it is used. */
export const gtidSet = v.pipe(v.string(), v.maxLength(1_000_000));
export const gtid = v.pipe(v.string(), v.maxLength(96), v.regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(:[a-z_][a-z0-9_]{0,31})?:\d{1,19}$/, 'UUID:N | UUID:TAG:N'));

export const endpoint = v.strictObject({
  host: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(255), v.regex(/^[A-Za-z0-9._:%-]+$/, 'A-Z a-z 0-9 . _ : % -')),
  port: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65535)),
});

export const tls = v.strictObject({ mode: v.picklist(tlsModes), ca: v.nullable(v.pipe(v.string(), v.maxLength(262_144))) });

export const note = v.strictObject({
  owner: v.pipe(v.string(), v.maxLength(200)),
  hourlyCost: v.pipe(v.string(), v.maxLength(64)),
  text: v.pipe(v.string(), v.maxLength(4000)),
});

/** What tells the problems of an instance apart, see `problemKey`. */
export const problem = v.pipe(v.string(), v.minLength(1), v.maxLength(longestProblemKey), v.regex(/^[\w. %!~*'()-]+$/, "A-Z a-z 0-9 _ . % ! ~ * ' ( ) -"));
/** Milliseconds since the epoch. */
export const moment = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(8_640_000_000_000_000));
export const wordNote = v.pipe(v.string(), v.maxLength(longestWordNote));
/** Many instances, for one act on each. */
export const instanceIds = v.pipe(v.array(id), v.minLength(1), v.maxLength(10_000), v.readonly());
/** Problems of many instances, as somebody saw them. */
export const seenProblems = v.pipe(v.array(v.strictObject({
  id,
  problems: v.pipe(v.array(v.strictObject({
    key: problem, severity: v.picklist(severities), subject: v.pipe(v.string(), v.maxLength(longestSubject)),
    amount: v.nullable(v.pipe(v.number(), v.minValue(-Number.MAX_VALUE), v.maxValue(Number.MAX_VALUE))),
    transactions: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(Number.MAX_VALUE))),
  })), v.maxLength(100), v.readonly()),
})), v.minLength(1), v.maxLength(10_000), v.readonly());

/** From where a server logs in at others: a MySQL account's host. */
export const connectsFrom = v.optional(v.pipe(v.string(), v.maxLength(longestAccountHost), v.check((text) => accountHostProblem(text) === null)));

/** An instance as the form gives it. */
export const instanceForm = v.strictObject({
  name,
  regionId: id,
  projectId: v.nullable(id),
  admin: endpoint,
  replication: v.nullable(endpoint),
  connectsFrom,
  user: v.pipe(v.string(), v.minLength(1), v.maxLength(32)),
  tls,
  note,
});

/** null: all. None at all would be compared, copied and proven as nothing. */
const chosenTables = v.nullable(v.pipe(v.array(identifier), v.minLength(1), v.maxLength(10_000), v.readonly()));
export const partialScope = v.strictObject({
  kind: v.literal('partial'),
  databases: v.pipe(v.array(v.strictObject({ database: identifier, tables: chosenTables })), v.minLength(1), v.maxLength(5000), v.readonly()),
});
export const scope = v.variant('kind', [v.strictObject({ kind: v.literal('instance') }), partialScope]);

export const checkRequest = v.strictObject({
  sourceId: id, standbyId: id, scope, seed: v.picklist(seedChoices), eraseTarget: v.boolean(), accounts: v.optional(v.picklist(accountChoices)),
});

export const copyRateMb = v.pipe(v.number(), v.minValue(0.1), v.maxValue(100_000));

/** SOURCE_DELAY: the server's own limit. */
export const delaySeconds = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 31 - 1));

export const syncSpec = v.strictObject({
  name,
  sourceId: id,
  standbyId: id,
  scope,
  seed: v.picklist(seedChoices),
  acceptWarnings: v.boolean(),
  eraseTarget: v.boolean(),
  copyRateMb: v.optional(copyRateMb),
  accounts: v.optional(v.picklist(accountChoices)),
  delaySeconds: v.optional(delaySeconds),
});

export const syncEdit = v.omit(syncSpec, ['sourceId', 'standbyId']);

export const scopeChange = v.strictObject({ id, scope: partialScope, dropRemoved: v.boolean() });

/** The name of a cure in a plan; it holds the id of an instance. */
export const cureId = v.pipe(v.string(), v.minLength(1), v.maxLength(200));

export const promotionRequest = v.strictObject({
  standbyId: id,
  kind: v.picklist(promotionKinds),
  timeoutSeconds: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(3600)),
  discardReceived: v.boolean(),
  acceptPartial: v.boolean(),
  acceptSplit: v.optional(v.boolean()),
  endDelay: v.optional(v.boolean()),
  enableEvents: v.optional(v.pipe(v.array(v.pipe(v.string(), v.maxLength(130))), v.maxLength(2000))),
});

const objectName = v.pipe(v.string(), v.maxLength(64));
export const dossierFilter = v.strictObject({
  class: v.optional(v.picklist(lossClasses)), database: v.optional(objectName),
  table: v.optional(objectName), search: v.optional(v.pipe(v.string(), v.maxLength(1000))),
});
/** A place among the rows of a dossier, which are counted in 32 bits. */
const dossierRow = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 32 - 1));
const dossierRows = v.pipe(v.array(dossierRow), v.minLength(1), v.maxLength(10_000));
export const dossierPage = v.strictObject({
  id, filter: dossierFilter, offset: dossierRow, limit: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(500)),
});
export const dossierStatements = v.strictObject({ id, rows: v.pipe(dossierRows, v.maxLength(500)) });
export const dossierExport = v.strictObject({ id, filter: dossierFilter, format: v.picklist(dossierFormats), language: v.picklist(['zh-CN', 'en']) });
/** `rows`: those of them only. */
export const dossierApply = v.strictObject({
  id,
  classes: v.pipe(v.array(v.picklist(appliable)), v.minLength(1), v.maxLength(appliable.length)),
  rows: v.optional(dossierRows),
  phrase,
});

export const gtidRequest = v.strictObject({ instanceId: id, watchSeconds: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(longestWatchSeconds)) });

const portOrNone = v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)));
export const portRequest = v.strictObject({
  instanceId: id, restart: v.boolean(),
  ports: v.strictObject({ port: portOrNone, admin_port: portOrNone, mysqlx_port: portOrNone, report_port: portOrNone }),
});

const charsetName = v.pipe(v.string(), v.maxLength(64), v.regex(/^[a-z0-9_]+$/i, 'A-Z a-z 0-9 _'));
/** A change of character sets; `scope` as everywhere, system schemas are never in it. */
export const charsetRequest = v.strictObject({
  instanceId: id, charset: charsetName, collation: v.nullable(charsetName), server: v.boolean(), databases: v.boolean(), tables: v.boolean(), scope,
  reread: v.pipe(v.array(v.strictObject({ database: identifier, table: identifier, column: identifier })), v.maxLength(mostReread), v.readonly()),
});

const variableName = v.pipe(v.string(), v.maxLength(128), v.regex(/^[a-z_][a-z0-9_]*(\.[a-z0-9_]+)?$/i, 'A-Z a-z 0-9 _ .'));
const variableValue = v.pipe(v.string(), v.maxLength(16_384));
export const parameterChanges = v.strictObject({
  instanceId: id,
  changes: v.pipe(
    v.array(v.strictObject({ name: variableName, value: variableValue, keep: v.picklist(keepings) })), v.minLength(1), v.maxLength(mostChanges), v.readonly(),
  ),
});
export const variableNames = v.strictObject({ instanceId: id, names: v.pipe(v.array(variableName), v.minLength(1), v.maxLength(mostChanges), v.readonly()) });
export const parameterDrift = v.strictObject({ instanceIds: v.pipe(v.array(id), v.minLength(2), v.maxLength(16), v.readonly()) });
export const parameterTemplate = v.strictObject({
  name,
  settings: v.pipe(v.array(v.strictObject({ name: variableName, value: variableValue })), v.minLength(1), v.maxLength(mostSettings), v.readonly()),
  from: v.pipe(v.string(), v.maxLength(256)),
});
export const optionFileText = v.strictObject({ text: v.pipe(v.string(), v.maxLength(1_000_000)) });

const loggedAt = v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(8_640_000_000_000_000)));
export const loggedTransactions = v.strictObject({
  instanceId: id,
  filter: v.strictObject({ database: v.nullable(identifier), table: v.nullable(identifier), from: loggedAt, until: loggedAt }),
  most: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(mostTransactions)),
});
export const loggedMoment = v.strictObject({ instanceId: id, at: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(8_640_000_000_000_000)) });
export const undoneTransactions = v.strictObject({
  instanceId: id, gtids: v.pipe(v.array(gtid), v.minLength(1), v.maxLength(mostChosen), v.readonly()),
});
const newName = v.strictObject({ database: identifier, table: identifier, newDatabase: identifier, newTable: identifier });
export const besideOrder = v.strictObject({
  instanceId: id,
  gtid,
  objects: v.pipe(v.array(v.strictObject({ database: identifier, table: v.nullable(identifier) })), v.minLength(1), v.maxLength(mostObjects), v.readonly()),
  names: v.nullable(v.pipe(v.array(newName), v.maxLength(mostNames), v.readonly())),
  suffix: v.pipe(v.string(), v.minLength(1), v.maxLength(32), v.regex(/^[A-Za-z0-9_$]+$/, 'A-Z a-z 0-9 _ $')),
  way: v.optional(v.picklist(besideWays)),
});
const tableOfRollback = { database: identifier, table: identifier };
export const comparedTable = v.strictObject({ recordId: id, ...tableOfRollback });
export const copyBackOrder = v.strictObject({
  recordId: id, ...tableOfRollback,
  differences: v.pipe(v.array(v.picklist(rowDifferences)), v.minLength(1), v.maxLength(rowDifferences.length), v.readonly()),
  rows: v.nullable(v.pipe(v.array(v.pipe(v.string(), v.maxLength(longestRowId))), v.minLength(1), v.maxLength(mostNamedRows), v.readonly())),
});
export const swapOrder = v.strictObject({
  recordId: id, tables: v.nullable(v.pipe(v.array(v.strictObject(tableOfRollback)), v.minLength(1), v.maxLength(mostObjects), v.readonly())),
});
export const rollbackOrder = v.strictObject({ planId: id, phrase, acceptWarnings: v.boolean() });

/** Instances to move, and where to; null: to no project. */
export const transferOrder = v.strictObject({
  instanceIds, projectId: v.nullable(id),
});

/** Milliseconds since the epoch. */
const instant = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(8_640_000_000_000_000));
/** A read-only instance to add to a primary. */
export const readOnlyOrder = v.strictObject({ primaryId: id, targetId: id, name, delaySeconds, acceptWarnings: v.boolean() });
export const readOnlyNote = v.strictObject({
  instanceId: id,
  weight: v.pipe(v.string(), v.maxLength(200)),
  lagLimitSeconds: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(31_536_000))),
});
export const pendingOrder = v.strictObject({ instanceId: id, search: v.pipe(v.string(), v.maxLength(200)), ddl: v.boolean() });
/** @see RunTarget */
export const runTarget = v.variant('kind', [
  v.strictObject({ kind: v.picklist(['before', 'after']), gtid }), v.strictObject({ kind: v.literal('time'), at: instant }),
]);
export const fishOrder = v.strictObject({ instanceId: id, database: identifier, table: identifier, into: identifier });

export const operation = v.picklist(operations);
/** What an operation is given: its own schema says which fields it knows. */
export const operationInput = v.pipe(
  v.record(v.pipe(v.string(), v.maxLength(64)), v.nullable(v.union([v.boolean(), v.pipe(v.number(), v.finite()), v.pipe(v.string(), v.maxLength(1_000_000))]))),
  v.maxEntries(32),
);
export const checkId = v.pipe(v.string(), v.maxLength(64));
export const secretTier = v.picklist(secretTiers);
export const nothing = v.undefined();
export const byId = v.strictObject({ id });

/** The folder of a backup, as its name is. */
const backupId = v.pipe(v.string(), v.minLength(1), v.maxLength(128), v.regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'A-Z a-z 0-9 . _ -'));
export const byBackup = v.strictObject({ backupId });
/** A folder of this machine, from its root. */
export const folder = v.pipe(v.string(), v.minLength(1), v.maxLength(4096), v.check((text) => !text.includes('\0')));
/** Long enough for a key to be made of it. */
const newPassphrase = v.pipe(v.string(), v.minLength(8), v.maxLength(1024));
export const backupOrder = v.strictObject({ instanceId: id, scope, place: v.nullable(folder), passphrase: v.nullable(newPassphrase) });
const keptUpTo = (most: number) => v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(most)));
/** @see BackupPolicy */
const backupPolicy = v.strictObject({
  instanceId: id, place: v.nullable(folder), keepCount: keptUpTo(mostKept.count), keepDays: keptUpTo(mostKept.days),
  encrypted: v.boolean(), proveDays: keptUpTo(mostProveDays),
});
/** `passphrase`: what is encrypted with from now on; null: what is kept already. */
export const backupPolicyOrder = v.strictObject({ ...backupPolicy.entries, passphrase: v.nullable(newPassphrase) });
/** `passphrase`: of one that is encrypted. */
export const openBackup = v.strictObject({ backupId, passphrase: v.nullable(password) });
export const restoreOrder = v.strictObject({
  backupId, targetId: id, scope,
  renamings: v.pipe(v.array(v.strictObject({ from: identifier, to: identifier })), v.maxLength(1000), v.readonly()),
  accounts: v.picklist(restoreAccounts), asStandby: v.boolean(), replace: v.boolean(),
  until: v.optional(v.nullable(v.strictObject({ instanceId: id, before: v.nullable(gtid) }))),
});

/** An account's names: what a server keeps, whatever it holds. */
const accountPart = (most: number) => v.pipe(v.string(), v.maxLength(most), v.check((text) => !text.includes('\0')));
export const accountName = v.strictObject({ user: accountPart(96), host: accountPart(255) });
const grantId = v.pipe(v.string(), v.minLength(1), v.maxLength(130), v.check((text) => !text.includes('\0')));
const rightLevel = v.variant('kind', [
  v.strictObject({ kind: v.literal('server') }),
  v.strictObject({ kind: v.literal('database'), pattern: grantId }),
  v.strictObject({ kind: v.literal('table'), database: grantId, table: grantId }),
  v.strictObject({ kind: v.literal('routine'), routine: v.picklist(routineKinds), database: grantId, name: grantId }),
]);
const chosenRight = v.strictObject({
  privilege: v.pipe(v.string(), v.maxLength(96), v.regex(/^[A-Z][A-Z_ ]*$/, 'A-Z _')), column: v.nullable(grantId), on: rightLevel,
});
const chosenRights = v.pipe(v.array(chosenRight), v.maxLength(2000), v.readonly());
const accountNames = v.pipe(v.array(accountName), v.maxLength(1000), v.readonly());
const limit = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 32 - 1));
const requirement = v.picklist(requirements);
/** @see AccountChange */
const accountChange = v.variant('kind', [
  v.strictObject({
    kind: v.literal('create'), account: accountName, requires: requirement, locked: v.boolean(),
    plugin: v.nullable(v.pipe(v.string(), v.maxLength(64), v.regex(/^\w+$/, 'A-Z a-z 0-9 _'))),
  }),
  v.strictObject({ kind: v.literal('create-role'), account: accountName }),
  v.strictObject({ kind: v.literal('clone'), from: accountName, account: accountName }),
  v.strictObject({ kind: v.literal('rename'), account: accountName, to: accountName }),
  v.strictObject({ kind: v.literal('password'), account: accountName, keepOld: v.boolean() }),
  v.strictObject({ kind: v.picklist(['discard-old', 'lock', 'unlock', 'expire', 'drop']), account: accountName }),
  v.strictObject({ kind: v.literal('tls'), account: accountName, requires: requirement }),
  v.strictObject({
    kind: v.literal('limits'), account: accountName,
    limits: v.strictObject({ MAX_QUERIES_PER_HOUR: limit, MAX_UPDATES_PER_HOUR: limit, MAX_CONNECTIONS_PER_HOUR: limit, MAX_USER_CONNECTIONS: limit }),
  }),
  v.strictObject({
    kind: v.literal('attribute'), account: accountName,
    comment: v.nullable(v.pipe(v.string(), v.maxLength(4096))), attributes: v.nullable(v.pipe(v.string(), v.maxLength(65_536))),
  }),
  v.strictObject({
    kind: v.literal('rights'), account: accountName, give: chosenRights, take: chosenRights,
    giveRoles: v.pipe(v.array(v.strictObject({ ...accountName.entries, admin: v.boolean() })), v.maxLength(1000), v.readonly()),
    takeRoles: accountNames, defaultRoles: v.nullable(accountNames), exact: v.boolean(),
    giveProxies: v.pipe(v.array(v.strictObject({ ...accountName.entries, grantOption: v.boolean() })), v.maxLength(1000), v.readonly()),
    takeProxies: accountNames,
  }),
]);
export const accountRequest = v.strictObject({ instanceId: id, change: accountChange });
/** `password`: where the change gives one; it is in nothing that is kept or shown. */
export const accountOrder = v.strictObject({ planId: id, phrase: v.pipe(v.string(), v.maxLength(400)), password: v.nullable(password) });
export const carryRequest = v.strictObject({ fromId: id, toId: id, accounts: accountNames, allMissing: v.boolean() });
export const oneAccount = v.strictObject({ instanceId: id, account: accountName });
export const someAccounts = v.strictObject({ instanceId: id, accounts: accountNames });
export const oneTable = v.strictObject({ instanceId: id, database: identifier, table: identifier });

/** @see FailbackOrder; how old a proof may be: a minute to a week. */
export const failbackOrder = v.strictObject({
  oldId: id,
  phrase,
  way: v.nullable(v.picklist(rejoinWays)),
  proofMinutes: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10_080)),
});

/** Rows per second at most; null or absent: no limit of its own. */
export const rowsPerSecond = v.optional(v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000_000_000))));

/** @see ScheduleOrder; `id`: the schedule that is changed, null: a new one. */
export const scheduleOrder = v.strictObject({
  id: v.nullable(id),
  kind: v.picklist(scheduleKinds),
  subject: id,
  pattern: v.pipe(v.string(), v.minLength(1), v.maxLength(longestPattern)),
  timeZone: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
  enabled: v.boolean(),
  catchUp: v.boolean(),
  rowsPerSecond,
});

/** Of a month at most, in minutes. */
const slowMinutes = v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(44_640)));
export const slowOrder = v.strictObject({ id, minutes: slowMinutes, back: slowMinutes });
const digest = v.pipe(v.string(), v.maxLength(64), v.regex(/^[0-9a-f]{32,64}$/, '32–64 × 0-9 a-f'));
const databaseOrNone = v.pipe(v.string(), v.maxLength(64));
export const explainOrder = v.strictObject({ id, digest, database: databaseOrNone, literals: v.boolean() });
export const trendOrder = v.strictObject({ id, digest, database: databaseOrNone, minutes: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(44_640)) });
const seriesId = v.picklist(seriesIds);
/** A range of time, and how many steps it may come in. */
export const monitoringRange = v.strictObject({
  instanceId: id,
  series: v.pipe(v.array(seriesId), v.maxLength(100)),
  from: moment,
  to: moment,
  maxPoints: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10_000)),
});
export const marksRequest = v.strictObject({ instanceIds: v.pipe(v.array(id), v.minLength(1), v.maxLength(16)), from: moment, to: moment });
const limitValue = v.nullable(v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(1e15)));
export const thresholds = v.pipe(
  v.array(
    v.strictObject({
      series: seriesId,
      instanceId: v.nullable(id),
      when: v.picklist(['above', 'below']),
      warning: limitValue,
      critical: limitValue,
      forSeconds: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(86_400)),
      hysteresis: v.pipe(v.number(), v.minValue(0), v.maxValue(0.9)),
      on: v.boolean(),
    }),
  ),
  v.maxLength(10_000),
);
