import { Button, TextInput } from '@mantine/core';
import { useCallback, useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import { auditDetails, auditReason, auditSentence } from '../../../shared/i18n/audit-text';
import { auditIsDamaged, auditProofText } from '../../../shared/domain/audit-proof';
import type { AuditEntry, AuditProof } from '../../../shared/domain/settings';
import { api } from '../../api';
import type { CallError } from '../../api';
import { useText } from '../../stores/language';
import { useFeatures } from '../../stores/registry';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorNotice } from '../../ui/ErrorNotice';
import { IconDownload, IconHistory, IconRefresh, IconSearch } from '../../ui/icons';
import { LongText } from '../../ui/LongText';
import { Page } from '../../ui/Page';
import { StatusBadge } from '../../ui/StatusBadge';
import { TimeText } from '../../ui/TimeText';
import classes from './AuditPage.module.css';

const limit = 1000;
const tones = { begun: 'mute', done: 'good', refused: 'warn', failed: 'bad' } as const;

/** Whether the lines hold together; the hash of the last one, to be noted elsewhere, as its title. */
function Proof({ proof }: { proof: AuditProof }): ReactElement {
  const t = useText();
  const tone = auditIsDamaged(proof) ? 'bad' : proof.state === 'intact' ? 'good' : 'warn';
  return (
    <p title={proof.end ?? undefined}>
      <StatusBadge tone={tone} plain>{t.message(auditProofText(proof))}</StatusBadge>
    </p>
  );
}

/** Audit: who did what, newest first; searchable, exportable. */
export function AuditPage(): ReactElement {
  const t = useText();
  const Reports = useFeatures().slots.reports;
  const [entries, setEntries] = useState<readonly AuditEntry[] | null>(null);
  const [proof, setProof] = useState<AuditProof | null>(null);
  const [error, setError] = useState<CallError | null>(null);
  const [search, setSearch] = useState('');
  const load = useCallback(async () => {
    setError(null);
    const answer = await api.audit.list({ limit });
    if (answer.ok) setEntries(answer.value);
    else setError(answer.error);
    const verified = await api.audit.verify();
    if (verified.ok) setProof(verified.value);
    else setError(verified.error);
  }, []);
  useEffect(() => { void load(); }, [load]);

  const save = async (format: 'json' | 'csv'): Promise<void> => {
    setError(null);
    const text = await api.audit.export({ format });
    if (!text.ok) return setError(text.error);
    const saved = await api.app.saveText({ suggestedName: `antipode-audit.${format}`, text: text.value });
    if (!saved.ok) setError(saved.error);
  };
  const wanted = search.trim().toLowerCase();
  const lines = (entries ?? []).map((entry) => ({ entry, sentence: auditSentence(t, entry), reason: auditReason(t, entry), details: auditDetails(t, entry).join(' · ') }));
  // The code of an action finds it as well: scripts and colleagues know it by that.
  const shown = lines.filter(({ entry, sentence, reason, details }) => `${entry.actor} ${entry.action} ${entry.target} ${sentence} ${reason ?? ''} ${details}`.toLowerCase().includes(wanted));
  return (
    <Page
      title={t('audit.title')}
      sub={t('audit.sub')}
      actions={
        <>
          <Button leftSection={<IconRefresh size={14} />} onClick={() => void load()}>{t('common.refresh')}</Button>
          {(['csv', 'json'] as const).map((format) => (
            <Button key={format} leftSection={<IconDownload size={14} />} onClick={() => void save(format)}>{t(`audit.export-${format}`)}</Button>
          ))}
        </>
      }
    >
      {error === null ? null : <ErrorNotice error={error} onRetry={() => void load()} />}
      {Reports === undefined ? null : <Reports />}
      {entries === null ? null : entries.length === 0 ? (
        <EmptyState icon={<IconHistory size={32} />} title={t('audit.empty')} text={t('audit.empty-text')} />
      ) : (
        <>
          <div className={classes.head}>
            <TextInput className={classes.search} value={search} onChange={(event) => setSearch(event.currentTarget.value)} placeholder={t('audit.search')} aria-label={t('audit.search')} leftSection={<IconSearch size={14} aria-hidden />} />
            {proof === null ? null : <Proof proof={proof} />}
          </div>
          <Entries lines={shown} />
        </>
      )}
    </Page>
  );
}

interface Line {
  readonly entry: AuditEntry;
  readonly sentence: string;
  readonly reason: string | null;
  readonly details: string;
}

/** A line each, what there is to say of it beneath what was done. */
function Entries({ lines }: { lines: readonly Line[] }): ReactElement {
  const t = useText();
  return (
    <div className={classes.scroller} tabIndex={0} role="region" aria-label={t('audit.title')}>
      <table className={classes.table}>
        <thead>
          <tr>
            {(['at', 'actor', 'front', 'outcome', 'action'] as const).map((column) => (
              <th key={column} scope="col">{t(`audit.${column}`)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines.map(({ entry, sentence, reason, details }, index) => (
            <tr key={`${entry.at}/${index}`}>
              <td><TimeText at={entry.at} show="exact" /></td>
              <td><LongText>{entry.actor}</LongText></td>
              <td>{t(`audit.front.${entry.front}`)}</td>
              <td><StatusBadge tone={tones[entry.outcome]} plain>{t(`audit.outcome.${entry.outcome}`)}</StatusBadge></td>
              <td className={classes.action} title={entry.action}>
                {sentence}
                {reason === null ? null : <span className={classes.reason}>{reason}</span>}
                {details === '' ? null : <span className={classes.detail}>{details}</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
