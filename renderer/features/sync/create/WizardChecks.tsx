import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { CheckReport } from '../../../../shared/domain/checks/check';
import { useText } from '../../../stores/language';
import { useFeatures } from '../../../stores/registry';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { IconRefresh } from '../../../ui/icons';
import { Waiting } from '../../../ui/Waiting';
import { CheckList } from '../checks/CheckList';
import type { CheckActions } from '../checks/CheckList';
import { AcceptWarnings, ChecksVerdict } from '../checks/ChecksVerdict';
import { MissingObjects } from '../scope/MissingObjects';
import { SaveReport } from '../checks/SaveReport';
import { withMissing } from '../scope/scope-choice';
import { useDraftChecks, type DraftChecks } from './draft-checks';
import { WizardAccounts } from './WizardAccounts';
import { WizardSeed } from './WizardSeed';
import type { WizardStepProps } from './wizard';
import classes from '../dialog.module.css';

/** Step 3: how the first copy is made, and the checks; a miss can be fixed and checked again in place. */
export function WizardChecks({ draft, change }: WizardStepProps): ReactElement {
  const t = useText();
  const checks = useDraftChecks({ draft, change });
  /** The server that GTIDs are being turned on for, over the wizard. */
  const [gtidFor, setGtidFor] = useState<string | null>(null);
  const GtidChange = useFeatures().slots.gtidChange;
  const { report } = draft;
  return (
    <>
      <WizardSeed draft={draft} change={change} again={checks.again} />
      {checks.error === null ? null : <ErrorNotice error={checks.error} onRetry={() => checks.again()} />}
      {checks.isRunning ? <Waiting>{t('sync.wizard.running-checks')}</Waiting> : null}
      {report === null || checks.isRunning ? null : (
        <Report
          report={report} draft={draft} change={change} checks={checks}
          {...(GtidChange === undefined ? {} : { onTurnGtidOn: (side) => setGtidFor(side === 'source' ? draft.sourceId : draft.standbyId) })}
        />
      )}
      {gtidFor === null || GtidChange === undefined ? null : (
        <GtidChange
          instanceId={gtidFor}
          onClose={() => {
            setGtidFor(null);
            checks.again();
          }}
        />
      )}
    </>
  );
}

interface ReportProps extends WizardStepProps, Pick<CheckActions, 'onTurnGtidOn'> {
  readonly report: CheckReport;
  readonly checks: DraftChecks;
}

function Report({ report, draft, change, checks, onTurnGtidOn }: ReportProps): ReactElement {
  const t = useText();
  const { results } = report;
  const { busyId } = checks;
  const addTables: CheckActions['onAddToScope'] = (tables) => {
    if (draft.scope.kind === 'partial') checks.again({ scope: { kind: 'partial', databases: withMissing(draft.scope.databases, tables) } });
  };
  const actions: CheckActions = {
    busyId,
    onAgain: (id) => void checks.one(id, 'checkOne'),
    onFix: (id) => void checks.one(id, 'fix'),
    onAddToScope: addTables,
    ...(onTurnGtidOn === undefined ? {} : { onTurnGtidOn }),
  };
  return (
    <>
      <div className={classes.row} role="status">
        <ChecksVerdict results={results} failed="sync.wizard.checks-failed" />
        <span className={classes.spring} />
        <SaveReport report={report} />
        <Button leftSection={<IconRefresh size={14} />} onClick={() => checks.again()}>{t('sync.wizard.checks-again')}</Button>
      </div>
      <WizardAccounts draft={draft} checks={checks} />
      <MissingObjects report={report} busy={busyId !== null} onAdd={addTables} />
      <AcceptWarnings results={results} accepted={draft.acceptWarnings} onAccept={(acceptWarnings) => change({ acceptWarnings })} />
      <CheckList results={results} actions={actions} />
    </>
  );
}
