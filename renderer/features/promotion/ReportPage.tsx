import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { PromotionReport } from '../../../shared/domain/promotion/promotion';
import { reportAsJson, reportAsMarkdown, reportFacts, reportTitle } from '../../../shared/domain/promotion/report-text';
import { api } from '../../api';
import type { CallError } from '../../api';
import { useText, useTimeZone } from '../../stores/language';
import type { PageProps } from '../../stores/registry';
import { go } from '../../stores/ui';
import { GtidText } from '../../ui/CopyText';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorNotice } from '../../ui/ErrorNotice';
import { formatExact } from '../../ui/format';
import { IconDownload } from '../../ui/icons';
import { Facts, Page, Section } from '../../ui/Page';
import { StatusBadge } from '../../ui/StatusBadge';
import { ReportNotes } from './ReportNotes';
import { ReportSteps } from './ReportSteps';
import { reportTones, useReports } from './reports';

/** One report of a switch, to be read again: what it cost, its notes, every step with its SQL; saved and printed from here. */
export function ReportPage({ page }: PageProps<'report'>): ReactElement {
  const t = useText();
  const { reports, error } = useReports();
  const report = reports?.find(({ id }) => id === page.reportId);
  const back = <Button onClick={() => go({ id: 'audit' })}>{t('report.back')}</Button>;
  if (report !== undefined) return <ReportView report={report} />;
  return (
    <Page title={t('report.title')}>
      {error !== null ? <ErrorNotice error={error} /> : reports === null ? null : <EmptyState title={t('report.gone')} action={back} />}
    </Page>
  );
}

function ReportView({ report }: { report: PromotionReport }): ReactElement {
  const t = useText();
  const zone = useTimeZone();
  const at = (ms: number): string => formatExact(t.language, zone, ms);
  return (
    <Page
      title={<>{reportTitle(report, t)} <StatusBadge tone={reportTones[report.outcome]}>{t(`promotion.report.${report.outcome}`)}</StatusBadge></>}
      sub={at(report.endedAt)}
      actions={<ReportActions report={report} at={at} />}
    >
      <Section title={t('report.title')} boxed>
        <Facts
          rows={[
            ...reportFacts(report, at, t).map(([name, value]) => ({ name, value })),
            ...(report.lostSet === '' ? [] : [{ name: t('report.lost-set'), value: <GtidText set={report.lostSet} what={t('report.lost-set')} />, wide: true }]),
            ...(report.promotionSet === '' ? [] : [{ name: t('report.promotion-set'), value: <GtidText set={report.promotionSet} what={t('report.promotion-set')} />, wide: true }]),
          ]}
        />
      </Section>
      {report.error === null ? null : <ErrorNotice error={report.error} />}
      {report.notes.length === 0 ? null : <Section title={t('report.notes')}><ReportNotes notes={report.notes} /></Section>}
      <Section title={t('report.steps')}>
        <ReportSteps steps={report.steps} />
      </Section>
    </Page>
  );
}

function ReportActions({ report, at }: { report: PromotionReport; at: (ms: number) => string }): ReactElement {
  const t = useText();
  const [error, setError] = useState<CallError | null>(null);
  const oldId = report.oldPrimaryId ?? report.sourceId;
  const save = async (format: 'md' | 'json'): Promise<void> => {
    const day = new Date(report.endedAt).toISOString().slice(0, 10);
    const text = format === 'md' ? reportAsMarkdown(report, at, t) : reportAsJson(report, t);
    const saved = await api.app.saveText({ suggestedName: `antipode-${report.standbyName.slice(0, 64)}-${day}.${format}`, text });
    setError(saved.ok ? null : saved.error);
  };
  return (
    <>
      {error === null ? null : <ErrorNotice error={error} />}
      <Button onClick={() => go({ id: 'audit' })}>{t('report.back')}</Button>
      {report.kind !== 'emergency' || oldId === null || report.outcome === 'undone' ? null : <Button onClick={() => go({ id: 'dossier', instanceId: oldId })}>{t('dossier.open')}</Button>}
      <Button leftSection={<IconDownload size={14} />} onClick={() => void save('md')}>{t('report.save-markdown')}</Button>
      <Button leftSection={<IconDownload size={14} />} onClick={() => void save('json')}>{t('report.save-json')}</Button>
      <Button onClick={() => window.print()}>{t('report.print')}</Button>
    </>
  );
}
