import { Radio } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { DatabaseObjects } from '../../../../shared/domain/fleet/view';
import type { Scope, ScopeDatabase } from '../../../../shared/domain/scope/scope';
import { useInstance } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { Waiting } from '../../../ui/Waiting';
import { ScopePicker } from '../scope/ScopePicker';
import { useSourceObjects } from '../../../stores/source-objects';
import type { WizardStepProps } from './wizard';
import classes from '../dialog.module.css';

/** Step 2: the whole instance, or chosen databases and tables of the source, with their sizes. */
export function WizardObjects({ draft, change }: WizardStepProps): ReactElement {
  const t = useText();
  const source = useInstance(draft.sourceId);
  const { objects, error, again } = useSourceObjects(draft.sourceId);
  const { scope } = draft;
  const setScope = (next: Scope): void => change({ scope: next, report: null, proposal: null });
  return (
    <>
      <Radio.Group
        value={scope.kind}
        onChange={(kind) => setScope(kind === 'instance' ? { kind: 'instance' } : { kind: 'partial', databases: [] })}
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
      {error === null ? null : <ErrorNotice error={error} onRetry={again} />}
      {objects === null && error === null ? <Waiting>{t('sync.wizard.objects-loading', { name: source?.instance.name ?? '' })}</Waiting> : null}
      {objects === null || scope.kind !== 'partial' ? null : (
        <Part objects={objects} databases={scope.databases} onChange={(databases) => setScope({ kind: 'partial', databases })} />
      )}
    </>
  );
}

/** How many tables are chosen, of all that are there. Pure. */
function chosenTables(objects: readonly DatabaseObjects[], databases: readonly ScopeDatabase[]): { readonly tables: number; readonly all: number } {
  const sizes = new Map(objects.map(({ name, tables }) => [name, tables.length]));
  return {
    tables: databases.reduce((sum, { database, tables }) => sum + (tables?.length ?? sizes.get(database) ?? 0), 0),
    all: objects.reduce((sum, { tables }) => sum + tables.length, 0),
  };
}

interface PartProps {
  readonly objects: readonly DatabaseObjects[];
  readonly databases: readonly ScopeDatabase[];
  readonly onChange: (databases: readonly ScopeDatabase[]) => void;
}

function Part({ objects, databases, onChange }: PartProps): ReactElement {
  const t = useText();
  const [search, setSearch] = useState('');
  if (objects.length === 0) return <p className={classes.note}>{t('sync.wizard.no-objects')}</p>;
  const chosen = databases.length;
  return (
    <>
      <ScopePicker objects={objects} chosen={databases} search={search} onSearch={setSearch} onChange={onChange} />
      <p className={classes.note} role="status">
        {chosen === 0 ? t('sync.wizard.nothing-chosen') : t('sync.wizard.protected', { n: chosen, m: Math.max(0, objects.length - chosen), ...chosenTables(objects, databases) })}
      </p>
    </>
  );
}
