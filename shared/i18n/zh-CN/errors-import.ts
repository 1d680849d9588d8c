import type { errorsImport as en } from '../en/errors-import';
import { rowWhy } from './data-import';

/** 数据导入错误的中文文案，键与 en 相同。 */
export const errorsImport: Record<keyof typeof en, string> = {
  'errors.import-file': '{path}：{reason, select, notafile {不是文件} nodump {是文件夹，但不是 mydumper 的转储} shell {是 MySQL Shell 的转储（util.dumpInstance、dumpSchemas 或 dumpTables）：请在 MySQL Shell 中用 util.loadDump 载入，或改用 mysqldump、mydumper 导出} backup {是 Antipode 的备份，或加密备份中的文件：请在“备份”中恢复（会询问口令），或使用 backup restore（--passphrase-env）} changed {查看之后文件已被改动} damaged {文件损坏或不完整} utf16 {文件是 UTF-16 编码（PowerShell 的 > 会写成这种编码）：请转换为 UTF-8，或用 mysqldump 的 --result-file 写出} packed {是归档文件，或不是用 gzip、Zstandard 压缩的（Excel 工作簿也属此类）：请先解压，或另存为 CSV} other {无法读取}}',
  'errors.import-statement': '服务器拒绝了 {file} 第 {line, number} 行（错误 {errno}）：{statement}',
  'errors.import-statement.safe': '该语句之前的内容已提交；该语句及之后的内容均未生效。',
  'errors.import-statement.cure': '排除原因后，从字节 {at} 处继续（--from-byte {at}）；整个文件重新导入会使已提交的内容重复。',
  'errors.import-collected': '服务器拒绝了 {file} 中的 {count, number} 条语句，首先是第 {line, number} 行；逐条说明见任务日志',
  'errors.import-collected.safe': '其余语句均已提交{skipped, plural, =0 {} other {，但关于 # 张定义被拒绝的表的语句未执行}}。',
  'errors.import-collected.cure': '排除原因后，请单独执行被拒绝的语句。',
  'errors.import-row': `{file} 第 {record, number} 条记录（第 {line, number} 行{has, select, yes {，列 {column}} other {}}）：${rowWhy}`,
  'errors.import-row.safe': '{why, select, changed {该行及之前的内容已提交；之后的内容均未生效。} other {该行之前的内容已提交；该行及之后的内容均未生效。}}',
  'errors.import-row.cure': '排除原因后，从字节 {at} 处继续（--from-byte {at}）；或略过该行，从字节 {end} 处继续。整个文件重新导入会使已提交的内容重复。',
  'errors.import-rows-collected': '{file} 中有 {count, number} 条记录被拒绝，首先是第 {record, number} 条（第 {line, number} 行）；最先的若干条见任务日志',
  'errors.import-rows-collected.safe': '其余各行均已提交{changed, plural, =0 {} other {；其中 # 行虽被指出，但已写入，只是值被服务器改动}}。',
  'errors.import-rows-collected.cure': '{kept, plural, =0 {这些记录均未能保存：请在原文件中修正后再导入。} other {其中 # 条原样保存在 {path}，原因在其旁的文件中：修正后导入该文件即可。}}',
  'errors.import-row-unclear': '在 {file} 第 {record, number} 条记录（第 {line, number} 行）连接中断，无法判断该行是否已写入',
  'errors.import-row-unclear.safe': '第 {committed, number} 行及之前的内容已提交；第 {line, number} 行之后的内容均未写入。',
  'errors.import-row-unclear.cure': '请在服务器上查看。若该行已存在，从字节 {end} 处继续（--from-byte {end}）；若不存在，从字节 {at} 处继续。',
  'errors.import-mark-missing': '{file} 已提交 {statements, number} 条语句（到第 {line, number} 行），但服务器上的进度记录已不存在',
  'errors.import-mark-missing.safe': '此后未发送任何语句。',
  'errors.import-mark-missing.cure': '请在服务器上查看已有哪些行，再用 --from-byte 继续，或重新开始。',
  'errors.import-part': '服务器拒绝了 {file} 第 {line, number} 行（错误 {errno}），而该表不支持事务，可能已留下部分行：{statement}',
  'errors.import-part.safe': '该语句之前的内容已提交；之后的内容均未执行。',
  'errors.import-part.cure': '请先在服务器上查看。可删除该语句留下的行，然后从字节 {at} 处继续（--from-byte {at}）；或补齐缺少的行，然后从字节 {end} 处继续。',
  'errors.import-unclear': '在 {file} 第 {line, number} 行连接中断，无法判断该语句是否已生效：{statement}',
  'errors.import-unclear.safe': '其之前的内容已提交，之后的内容均未执行。',
  'errors.import-unclear.cure': '请在服务器上查看。若已生效，从字节 {end} 处继续（--from-byte {end}）；若未生效，从字节 {at} 处继续。',
};
