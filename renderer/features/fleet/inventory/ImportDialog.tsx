import { Button } from '@mantine/core';
import { useEffect, useState, type ReactElement } from 'react';
import type { ImportResult } from '../../../../shared/domain/fleet/view';
import type { DialogProps } from '../../../stores/registry';
import { api, type CallError } from '../../../api';
import { loadFleet } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { closeDialog } from '../../../stores/ui';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { FormModal } from '../../../ui/FormModal';
import { StatusBadge } from '../../../ui/StatusBadge';
import classes from './ImportDialog.module.css';

type State = { readonly kind: 'reading' } | { readonly kind: 'failed'; readonly error: CallError } | { readonly kind: 'preview'; readonly result: ImportResult } | { readonly kind: 'done'; readonly result: ImportResult };

/** Shows what an inventory file would add before it is added. */
export function ImportDialog({ dialog }: DialogProps<'import-inventory'>): ReactElement {
  const t = useText();
  const { path, text } = dialog;
  const [state, setState] = useState<State>({ kind: 'reading' });
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    let here = true;
    void api.fleet.importInventory({ text, dryRun: true }).then((answer) => {
      if (here) setState(answer.ok ? { kind: 'preview', result: answer.value } : { kind: 'failed', error: answer.error });
    });
    return () => {
      here = false;
    };
  }, [text]);
  const run = async (): Promise<void> => {
    setBusy(true);
    const answer = await api.fleet.importInventory({ text, dryRun: false });
    setBusy(false);
    setState(answer.ok ? { kind: 'done', result: answer.value } : { kind: 'failed', error: answer.error });
    void loadFleet();
  };
  return (
    <FormModal title={t('fleet.import.title')} size={560} busy={busy} dirty={state.kind === 'preview' && state.result.added.length > 0} onClose={closeDialog}>
      <div className={classes.body} aria-live="polite">
        <p className={classes.path}>{path}</p>
        {state.kind === 'reading' ? <p>{t('common.loading')}</p> : null}
        {state.kind === 'failed' ? <ErrorNotice error={state.error} safe={t('fleet.import.safe')} /> : null}
        {state.kind === 'preview' ? (
          <>
            {state.result.added.length === 0 ? (
              <p>{t('fleet.import.nothing')}</p>
            ) : (
              <>
                <p>
                  <b>{t('fleet.import.adds', { n: state.result.added.length })}</b>
                </p>
                <p className={classes.names}>{state.result.added.join(', ')}</p>
                <p className={classes.faint}>{t('fleet.import.no-secrets')}</p>
              </>
            )}
          </>
        ) : null}
        {state.kind === 'done' ? <StatusBadge tone="good">{t('fleet.import.done', { n: state.result.added.length })}</StatusBadge> : null}
        {(state.kind === 'preview' || state.kind === 'done') && state.result.skipped.length > 0 ? (
          <div>
            <p>{t('fleet.import.skips', { n: state.result.skipped.length })}</p>
            <ul className={classes.skipped}>
              {state.result.skipped.map(({ name, text: reason }, index) => (
                <li key={index}>
                  {name}: {t.message(reason)}
                </li>
              ))}
            </ul>
          </div>
        ) : null}
      </div>
      <div className={classes.foot}>
        <Button onClick={closeDialog} data-autofocus>
          {t(state.kind === 'done' ? 'common.close' : 'common.cancel')}
        </Button>
        {state.kind === 'preview' && state.result.added.length > 0 ? (
          <Button variant="filled" loading={busy} onClick={() => void run()}>
            {t('fleet.import.do', { n: state.result.added.length })}
          </Button>
        ) : null}
      </div>
    </FormModal>
  );
}
