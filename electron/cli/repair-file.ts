import type { RepairPlan } from '../../shared/domain/verification/repair';
import type { Translator } from '../../shared/i18n/translate';

/** Names are text of a server: none ends its line. */
const comment = (text: string): string => `-- ${text.replaceAll(/[\r\n\u2028\u2029]/g, ' ')}\n`;

/** The file of a comparison that found nothing to repair. */
export const nothingToRepair = (verdict: string): string => comment(verdict);

/** A repair as a file for a client of MySQL. What it does not make equal is told at its head: whoever runs it must not take the standby for equal then. */
export function repairFile({ sql, left, reseeded, phrase, rows }: RepairPlan, t: Translator): string {
  const notHere = [
    ...left.map((one) => ({ one, why: t(`verification.left.${one.reason}`) })),
    ...reseeded.map((one) => ({ one, why: t('verification.left.wholesale') })),
  ];
  return [
    comment(t('verification.file.head', { standby: phrase, rows })),
    ...(sql.length === 0 ? [] : [comment(t('verification.file.unguarded', { standby: phrase }))]),
    ...(sql.at(-1)?.sql.includes('super_read_only') === true ? [comment(t('verification.file.reopened', { standby: phrase }))] : []),
    ...notHere.map(({ one: { database, table }, why }) => comment(t('verification.file.left', { table: `${database}.${table}`, why }))),
    ...sql.map((statement) => `${statement.sql};\n`),
  ].join('');
}
