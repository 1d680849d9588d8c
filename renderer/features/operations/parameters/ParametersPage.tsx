import { Button, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { ParameterChange } from '../../../../shared/domain/operations/parameters/change';
import type { ParameterPlan } from '../../../../shared/domain/operations/parameters/plan';
import { api } from '../../../api';
import { useInstance } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { openInstance } from '../../../stores/ui';
import { useReading } from '../../../stores/reading';
import type { PageProps } from '../../../stores/registry';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { IconRefresh } from '../../../ui/icons';
import { InstanceName } from '../../../ui/InstanceName';
import { Page } from '../../../ui/Page';
import { Waiting } from '../../../ui/Waiting';
import { ChangePanel } from './ChangePanel';
import { DriftView } from './DriftView';
import { HistoryView } from './HistoryView';
import { TemplatesView } from './TemplatesView';
import { VariableTable } from './VariableTable';
import classes from './parameters.module.css';

const views = ['variables', 'drift', 'templates', 'history'] as const;
type View = (typeof views)[number];

/** The parameters of an instance: what they are at the left, what is changed and how it goes back at the right. */
export function ParametersPage({ page: { instanceId } }: PageProps<'parameters'>): ReactElement | null {
  const t = useText();
  const instance = useInstance(instanceId);
  const { value: list, error, reading, read } = useReading(instanceId, (signal) => api.parameters.list({ instanceId }, { signal }));
  const [view, setView] = useState<View>('variables');
  const [changes, setChanges] = useState<readonly ParameterChange[]>([]);
  const [plan, setPlan] = useState<ParameterPlan | null>(null);
  if (instance === undefined) return null;
  const labels: Record<View, string> = { variables: t('parameters.column.name'), drift: t('parameters.drift'), templates: t('parameters.templates'), history: t('parameters.history') };
  const put = (change: ParameterChange): void => {
    setPlan(null);
    setChanges((before) => [...before.filter(({ name }) => name !== change.name), change]);
  };
  const putAll = (all: readonly ParameterChange[]): void => {
    setPlan(null);
    setChanges((before) => [...before.filter(({ name }) => !all.some((one) => one.name === name)), ...all]);
  };
  const undo = (found: ParameterPlan): void => {
    setChanges([]);
    setPlan(found);
  };
  return (
    <Page
      title={t('operations.name.parameters')}
      back={{ to: instance.instance.name, onBack: () => openInstance(instanceId, 'operations') }}
      sub={<><InstanceName id={instanceId} />{list === null ? null : ` · MySQL ${list.version}`}</>}
      actions={<Button variant="default" leftSection={<IconRefresh size={14} />} loading={reading} onClick={read}>{t('common.refresh')}</Button>}
    >
      <div className={classes.columns} data-alone={view === 'drift' || undefined}>
        <div className={classes.main}>
          <div className={classes.bar}>
            <SegmentedControl
              size="xs" value={view} aria-label={t('operations.name.parameters')} data={views.map((one) => ({ value: one, label: labels[one] }))}
              onChange={(next) => setView(views.find((one) => one === next) ?? 'variables')}
            />
          </div>
          {error === null ? null : <ErrorNotice error={error} onRetry={read} />}
          {view === 'history' ? <HistoryView instanceId={instanceId} stamp={list} onUndo={undo} /> : null}
          {view === 'templates' ? <TemplatesView instanceId={instanceId} list={list} onPut={putAll} /> : null}
          {view === 'drift' ? <DriftView instanceId={instanceId} /> : null}
          {view !== 'variables' ? null : list !== null
            ? <VariableTable list={list} changes={changes} onPut={put} />
            : error === null ? <Waiting>{t('parameters.loading')}</Waiting> : null}
        </div>
        {view === 'drift' ? null : (
          <ChangePanel
            instanceId={instanceId} changes={changes} plan={plan} onPlan={setPlan}
            onRemove={(name) => setChanges((before) => before.filter((one) => one.name !== name))}
            onDone={() => { setChanges([]); read(); }}
          />
        )}
      </div>
    </Page>
  );
}
