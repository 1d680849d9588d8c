import { common } from './en/common';
import { errors } from './en/errors';
import { errorsImport } from './en/errors-import';
import { fleet } from './en/fleet';
import { fleetScreens } from './en/fleet-screens';
import { problems } from './en/problems';
import { sync } from './en/sync';
import { syncScreens } from './en/sync-screens';
import { promotionScreens } from './en/promotion-screens';
import { promotionCure } from './en/promotion-cure';
import { promotionSurroundings } from './en/promotion-surroundings';
import { checks } from './en/checks';
import { checksServer } from './en/checks-server';
import { checksBinlog } from './en/checks-binlog';
import { checksObjects } from './en/checks-objects';
import { checksAccounts } from './en/checks-accounts';
import { syncAccounts } from './en/sync-accounts';
import { checksLoad } from './en/checks-load';
import { failback } from './en/failback';
import { incident } from './en/incident';
import { dossier } from './en/dossier';
import { tasks } from './en/tasks';
import { promotion } from './en/promotion';
import { operations } from './en/operations';
import { accounts } from './en/accounts';
import { charset } from './en/charset';
import { parameters } from './en/parameters';
import { sql } from './en/sql';
import { dataImport } from './en/data-import';
import { port } from './en/port';
import { transfer } from './en/transfer';
import { readonly } from './en/readonly';
import { parametersRules } from './en/parameters-rules';
import { rollback } from './en/rollback';
import { gtid } from './en/gtid';
import { backupScreens } from './en/backup-screens';
import { slow } from './en/slow';
import { schedules } from './en/schedules';
import { verification } from './en/verification';
import { backup } from './en/backup';
import { monitoring } from './en/monitoring';
import { monitoringPage } from './en/monitoring-page';
import { settings } from './en/settings';
import { lab } from './en/lab';
import { attention } from './en/attention';
import { audit } from './en/audit';
import { terminal } from './en/terminal';
import { terminalHelp } from './en/terminal-help';
import { terminalHelpOperations } from './en/terminal-help-operations';
import { desktop } from './en/desktop';

/** Every English text of the product, by key. The other language holds equal keys, by the compiler. */
export const en = {
  ...common,
  ...errors,
  ...errorsImport,
  ...fleet,
  ...fleetScreens,
  ...problems,
  ...sync,
  ...syncScreens,
  ...promotionScreens,
  ...promotionCure,
  ...promotionSurroundings,
  ...checks,
  ...checksServer,
  ...checksBinlog,
  ...checksObjects,
  ...checksAccounts,
  ...syncAccounts,
  ...checksLoad,
  ...failback,
  ...incident,
  ...dossier,
  ...tasks,
  ...promotion,
  ...operations,
  ...accounts,
  ...charset,
  ...parameters,
  ...port,
  ...transfer,
  ...readonly,
  ...parametersRules,
  ...rollback,
  ...sql,
  ...dataImport,
  ...gtid,
  ...backupScreens,
  ...slow,
  ...schedules,
  ...verification,
  ...backup,
  ...monitoring,
  ...monitoringPage,
  ...settings,
  ...lab,
  ...attention,
  ...audit,
  ...terminal,
  ...terminalHelp,
  ...terminalHelpOperations,
  ...desktop,
};

/** A key of the catalogue. */
export type MessageKey = keyof typeof en;
