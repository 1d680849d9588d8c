import { NumberInput, SegmentedControl, Select, Switch } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement, ReactNode } from 'react';
import type { Settings } from '../../../shared/domain/settings';
import type { CallError } from '../../api';
import { useText } from '../../stores/language';
import { changeSettings, useSettings } from '../../stores/settings';
import { CopyText } from '../../ui/CopyText';
import { ErrorNotice } from '../../ui/ErrorNotice';
import { Facts, Page, Section } from '../../ui/Page';
import { SecretTiers } from './SecretTiers';
import classes from './SettingsPage.module.css';

/** Settings of this workstation; each takes effect at once. */
export function SettingsPage(): ReactElement {
  const t = useText();
  const { settings, info } = useSettings();
  const [error, setError] = useState<CallError | null>(null);
  const change = (part: Partial<Settings>): void => void changeSettings(part).then(setError);
  return (
    <Page title={t('settings.title')}>
      <div className={classes.column}>
        {error === null ? null : <ErrorNotice error={error} />}
        <Section title={t('settings.appearance')} boxed>
          <Row label={t('settings.language')}>
            <Select
              aria-label={t('settings.language')}
              value={settings.language}
              data={(['system', 'zh-CN', 'en'] as const).map((value) => ({ value, label: t(`settings.language.${value}`) }))}
              onChange={(value) => { if (value === 'system' || value === 'zh-CN' || value === 'en') change({ language: value }); }}
            />
          </Row>
          <Row label={t('settings.theme')}>
            <SegmentedControl
              aria-label={t('settings.theme')}
              value={settings.theme}
              data={(['system', 'light', 'dark'] as const).map((value) => ({ value, label: t(`settings.theme.${value}`) }))}
              onChange={(value) => change({ theme: value as Settings['theme'] })}
            />
          </Row>
          <Row label={t('settings.time-zone')}>
            <SegmentedControl
              aria-label={t('settings.time-zone')}
              value={settings.timeZone}
              data={[{ value: 'local', label: t('settings.time-zone.local', { zone: info?.timeZone ?? '' }) }, { value: 'utc', label: t('settings.time-zone.utc') }]}
              onChange={(value) => change({ timeZone: value as Settings['timeZone'] })}
            />
          </Row>
        </Section>
        <Section title={t('settings.watching')} boxed>
          <Row label={t('settings.poll')}>
            <NumberInput aria-label={t('settings.poll')} value={settings.pollSeconds} min={1} max={60} suffix={` ${t('common.unit.s')}`} w={120} onChange={(value) => { if (typeof value === 'number' && value >= 1 && value <= 60) change({ pollSeconds: value }); }} />
          </Row>
          <Row label={t('settings.lag-warning')}>
            <NumberInput aria-label={t('settings.lag-warning')} value={settings.lagWarningSeconds} min={1} max={86_400} suffix={` ${t('common.unit.s')}`} w={120} onChange={(value) => { if (typeof value === 'number' && value >= 1) change({ lagWarningSeconds: value }); }} />
          </Row>
        </Section>
        <Section title={t('settings.tasks')} boxed>
          <Row label={t('settings.tasks-at-once')}>
            <NumberInput aria-label={t('settings.tasks-at-once')} value={settings.tasksAtOnce} min={1} max={16} w={120} onChange={(value) => { if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 16) change({ tasksAtOnce: value }); }} />
          </Row>
          <Row label={t('settings.notices')}>
            <Switch aria-label={t('settings.notices')} checked={settings.notices} onChange={(event) => change({ notices: event.currentTarget.checked })} />
          </Row>
        </Section>
        <Section title={t('settings.secrets')} boxed>
          <SecretTiers />
        </Section>
        {info === null ? null : (
          <Section title={t('settings.about')} boxed>
            <Facts rows={[{ name: t('settings.version'), value: `Antipode ${info.version} · Electron ${info.electron}`, wide: true }, { name: t('settings.data-folder'), value: <CopyText value={info.dataFolder} what={t('settings.data-folder')} />, wide: true }]} />
          </Section>
        )}
      </div>
    </Page>
  );
}

function Row({ label, children }: { label: string; children: ReactNode }): ReactElement {
  return (
    <div className={classes.row}>
      <span className={classes.label}>{label}</span>
      {children}
    </div>
  );
}
