import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import { auditIsDamaged, auditProofText } from '../../../shared/domain/audit-proof';
import type { AuditProof } from '../../../shared/domain/settings';
import { api } from '../../api';
import { useText } from '../../stores/language';
import { go } from '../../stores/ui';
import { AttentionBanner } from '../../ui/AttentionBanner';

/** The audit log is read through once at the start; where its lines do not hold together, that is said above every page. */
export function DamagedAudit(): ReactElement | null {
  const t = useText();
  const [proof, setProof] = useState<AuditProof | null>(null);
  useEffect(() => {
    // Where it cannot be read at all, its page says why.
    void api.audit.verify().then((answer) => answer.ok && setProof(answer.value));
  }, []);
  if (proof === null || !auditIsDamaged(proof)) return null;
  return (
    <AttentionBanner role="alert" text={<b>{t('terminal.auditProof', { text: t.message(auditProofText(proof)) })}</b>}>
      <Button onClick={() => go({ id: 'audit' })}>{t('audit.title')}</Button>
    </AttentionBanner>
  );
}
