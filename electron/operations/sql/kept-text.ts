import { classify } from '../../../shared/domain/operations/sql/classify';
import { hiddenMark, mayHoldSecret } from '../../../shared/domain/operations/sql/secret';
import { splitStatements } from '../../../shared/domain/operations/sql/split';
import { tokensIn } from '../../../shared/domain/sql/tokens';
import { commentsOf, isSoundText, replaced, verbIn, withoutSecrets } from './without-secrets';

/**
 * A text as it may be kept on the disk: each statement that may hold a secret is without its literals, and no server takes what stands in their place. One
 * that had to be cut is a comment as a whole: what is left of it would do something else.
 */
export function keptText(text: string): { readonly text: string; readonly hidden: boolean } {
  let from = 0;
  let kept = '';
  // Behind a quote that is missing a statement may begin in the midst of a secret.
  let isSure = true;
  const pieces = splitStatements(text).pieces.map(({ sql, at, end }) => ({ sql, at, end, kind: classify(sql).kind }));
  for (const { sql, at, end, kind } of pieces) {
    const before = text.slice(from, at);
    kept += withoutTold(before);
    kept += mayHoldSecret(before + sql, kind) ? keptPart(sql, isSure) : sql;
    isSure &&= isSoundText(sql);
    from = end;
  }
  const rest = text.slice(from);
  kept += mayHoldSecret(rest, 'read') ? keptPart(rest, isSure) : rest;
  return { text: kept, hidden: kept !== text || kept.includes(hiddenMark) };
}

function keptPart(sql: string, isSure: boolean): string {
  const { text, cut } = withoutSecrets(sql);
  if (!cut) return isSure || !text.includes(hiddenMark) ? text : leftOut(`${verbIn(sql)} ${hiddenMark}`);
  return leftOut(isSure ? text : `${verbIn(sql)} ${hiddenMark}`);
}

/** What stands before a statement, without the comments that name a secret. */
function withoutTold(text: string): string {
  return replaced(text, commentsOf(tokensIn(text)).filter(([from, to]) => mayHoldSecret(text.slice(from, to), 'read')));
}

/** A statement that was cut, as a comment on a line of its own. */
const leftOut = (text: string): string => `\n-- ${text.replaceAll(/\s+/g, ' ').trim()}\n`;
