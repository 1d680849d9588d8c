import { classify } from '../../../shared/domain/operations/sql/classify';
import { mayHoldSecret } from '../../../shared/domain/operations/sql/secret';
import { splitStatements } from '../../../shared/domain/operations/sql/split';
import { tokensIn } from '../../../shared/domain/sql/tokens';
import { literalsHidden } from '../../mysql/statement';

/** A text as it may be kept on the disk: each statement that may hold a secret is without its literals, with the comments before it. */
export function keptText(text: string): { readonly text: string; readonly hidden: boolean } {
  let from = 0;
  let kept = '';
  for (const { sql, end } of splitStatements(text).pieces) {
    const part = text.slice(from, end);
    kept += mayHoldSecret(part, classify(sql).kind) ? withoutSecrets(part) : part;
    from = end;
  }
  const rest = text.slice(from);
  kept += mayHoldSecret(rest, 'read') ? withoutSecrets(rest) : rest;
  return { text: kept, hidden: kept !== text };
}

/**
 * A part of a text without its literals. A quote that is missing, as while somebody types, makes what is behind it its own opposite: then a literal holds the
 * word that a secret follows, or does not end, and everything from the first quote on goes.
 */
function withoutSecrets(part: string): string {
  const literals = tokensIn(part).filter(({ kind }) => kind === 'string' || kind === 'comment');
  const isSound = literals.every(({ closed, text }) => closed && !mayHoldSecret(text, 'read'));
  return isSound && !part.includes('\\') ? literalsHidden(part) : part.replace(/['"][^]*/, "'…'");
}
