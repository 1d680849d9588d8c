import { Button, Menu } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { CheckReport } from '../../../../shared/domain/checks/check';
import { reportAsJson } from '../../../../shared/domain/checks/json';
import { reportAsMarkdown } from '../../../../shared/domain/checks/markdown';
import { api } from '../../../api';
import type { CallError } from '../../../api';
import { useFleet } from '../../../stores/fleet';
import { useText, useTimeZone } from '../../../stores/language';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { formatExact } from '../../../ui/format';
import { IconDownload } from '../../../ui/icons';

const writers = { md: reportAsMarkdown, json: reportAsJson };
type Format = keyof typeof writers;

/** Saves a check report where the user says, as Markdown for people or as JSON for programs. */
export function SaveReport({ report }: { report: CheckReport }): ReactElement {
  const t = useText();
  const zone = useTimeZone();
  const byId = useFleet((state) => state.byId);
  const [error, setError] = useState<CallError | null>(null);
  const save = async (format: Format): Promise<void> => {
    const nameOf = (id: string): string => byId.get(id)?.instance.name ?? id;
    const names = { source: nameOf(report.sourceId), standby: nameOf(report.standbyId), at: formatExact(t.language, zone, report.startedAt) };
    const saved = await api.app.saveText({ suggestedName: `antipode-checks.${format}`, text: writers[format](report, names, t) });
    setError(saved.ok ? null : saved.error);
  };
  return (
    <>
      {error === null ? null : <ErrorNotice error={error} />}
      <Menu position="bottom-end">
        <Menu.Target>
          <Button leftSection={<IconDownload size={14} />}>{t('sync.checks.save')}</Button>
        </Menu.Target>
        <Menu.Dropdown>
          {(['md', 'json'] as const).map((format) => (
            <Menu.Item key={format} onClick={() => void save(format)}>{t(`sync.checks.save-${format}`)}</Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
