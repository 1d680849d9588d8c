import { message, type Message } from '../i18n/message';
import type { AuditProof } from './settings';

/** What a reading of the audit log proves, in one sentence: the same on its page, above every page, and in the terminal. */
export function auditProofText(proof: AuditProof): Message {
  const { state, entries, old, brokenAt, missing } = proof;
  switch (state) {
    case 'intact':
      return message('audit.proof.intact', { entries, old });
    case 'end-unknown':
      return message('audit.proof.end-unknown', { entries, old });
    case 'cut-off':
      return message('audit.proof.cut-off', { entries, missing });
    case 'broken':
      return message('audit.proof.broken', { entries, line: brokenAt ?? 0 });
    default:
      return state satisfies never;
  }
}

/** Whether somebody has to look at it. */
export function auditIsDamaged({ state }: AuditProof): boolean {
  return state === 'broken' || state === 'cut-off';
}
