import { Loader, Radio, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import type { DatabaseObjects } from '../../../../shared/domain/fleet/view';
import { api } from '../../../api';
import type { CallError } from '../../../api';
import { useInstance } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { IconSearch } from '../../../ui/icons';
import type { WizardStepProps } from './wizard';
import { ScopeTree } from '../scope/ScopeTree';
import classes from './CreateSyncDialog.module.css';

/** Step 2: the whole instance, or chosen databases and tables of the source, with their sizes. */
export function WizardObjects({ draft, change }: WizardStepProps): ReactElement {
  const t = useText();
  const source = useInstance(draft.sourceId);
  const [objects, setObjects] = useState<readonly DatabaseObjects[] | null>(null);
  const [error, setError] = useState<CallError | null>(null);
  const [search, setSearch] = useState('');
  const [attempt, setAttempt] = useState(0);
  const { scope } = draft;

  useEffect(() => {
    const stop = new AbortController();
    setError(null);
    void api.fleet.objects({ id: draft.sourceId }, { signal: stop.signal }).then((answer) => {
      if (stop.signal.aborted) return;
      if (answer.ok) setObjects(answer.value);
      else setError(answer.error);
    });
    return () => stop.abort();
  }, [draft.sourceId, attempt]);

  const chosen = scope.kind === 'partial' ? scope.databases.length : 0;
  return (
    <>
      <Radio.Group
        value={scope.kind}
        onChange={(kind) => change({ scope: kind === 'instance' ? { kind: 'instance' } : { kind: 'partial', databases: [] }, report: null, proposal: null })}
        aria-label={t('sync.wizard.scope')}
      >
        <div className={classes.choices}>
          <div className={classes.choice} data-checked={scope.kind === 'instance' || undefined}>
            <Radio value="instance" label={t('sync.wizard.whole')} description={t('sync.wizard.whole-text')} />
          </div>
          <div className={classes.choice} data-checked={scope.kind === 'partial' || undefined}>
            <Radio value="partial" label={t('sync.wizard.part')} description={t('sync.wizard.part-text')} />
          </div>
        </div>
      </Radio.Group>
      {error === null ? null : <ErrorNotice error={error} onRetry={() => setAttempt(attempt + 1)} />}
      {objects === null && error === null ? (
        <div className={classes.wait} role="status">
          <Loader size="xs" /> {t('sync.wizard.objects-loading', { name: source?.instance.name ?? '' })}
        </div>
      ) : null}
      {objects === null || scope.kind !== 'partial' ? null : objects.length === 0 ? (
        <p className={classes.note}>{t('sync.wizard.no-objects')}</p>
      ) : (
        <>
          <TextInput value={search} onChange={(event) => setSearch(event.currentTarget.value)} placeholder={t('sync.wizard.search-objects')} aria-label={t('sync.wizard.search-objects')} leftSection={<IconSearch size={14} aria-hidden />} />
          <ScopeTree objects={objects} chosen={scope.databases} search={search} onChange={(databases) => change({ scope: { kind: 'partial', databases }, report: null, proposal: null })} />
          <p className={classes.note} role="status">{chosen === 0 ? t('sync.wizard.nothing-chosen') : t('sync.wizard.protected', { n: chosen, m: Math.max(0, objects.length - chosen) })}</p>
        </>
      )}
    </>
  );
}
