import { common } from './zh-CN/common';
import { errors } from './zh-CN/errors';
import { errorsImport } from './zh-CN/errors-import';
import { fleet } from './zh-CN/fleet';
import { fleetScreens } from './zh-CN/fleet-screens';
import { problems } from './zh-CN/problems';
import { sync } from './zh-CN/sync';
import { syncScreens } from './zh-CN/sync-screens';
import { promotionScreens } from './zh-CN/promotion-screens';
import { promotionCure } from './zh-CN/promotion-cure';
import { promotionSurroundings } from './zh-CN/promotion-surroundings';
import { checks } from './zh-CN/checks';
import { checksServer } from './zh-CN/checks-server';
import { checksBinlog } from './zh-CN/checks-binlog';
import { checksObjects } from './zh-CN/checks-objects';
import { checksAccounts } from './zh-CN/checks-accounts';
import { syncAccounts } from './zh-CN/sync-accounts';
import { checksLoad } from './zh-CN/checks-load';
import { failback } from './zh-CN/failback';
import { incident } from './zh-CN/incident';
import { dossier } from './zh-CN/dossier';
import { tasks } from './zh-CN/tasks';
import { promotion } from './zh-CN/promotion';
import { operations } from './zh-CN/operations';
import { accounts } from './zh-CN/accounts';
import { charset } from './zh-CN/charset';
import { parameters } from './zh-CN/parameters';
import { sql } from './zh-CN/sql';
import { dataImport } from './zh-CN/data-import';
import { port } from './zh-CN/port';
import { transfer } from './zh-CN/transfer';
import { readonly } from './zh-CN/readonly';
import { parametersRules } from './zh-CN/parameters-rules';
import { rollback } from './zh-CN/rollback';
import { gtid } from './zh-CN/gtid';
import { backupScreens } from './zh-CN/backup-screens';
import { slow } from './zh-CN/slow';
import { schedules } from './zh-CN/schedules';
import { verification } from './zh-CN/verification';
import { backup } from './zh-CN/backup';
import { monitoring } from './zh-CN/monitoring';
import { monitoringPage } from './zh-CN/monitoring-page';
import { settings } from './zh-CN/settings';
import { lab } from './zh-CN/lab';
import { attention } from './zh-CN/attention';
import { audit } from './zh-CN/audit';
import { terminal } from './zh-CN/terminal';
import { terminalHelp } from './zh-CN/terminal-help';
import { terminalHelpOperations } from './zh-CN/terminal-help-operations';
import { desktop } from './zh-CN/desktop';
import type { MessageKey } from './en';

/** Every Chinese text of the product, by key. */
export const zhCN: Record<MessageKey, string> = {
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
