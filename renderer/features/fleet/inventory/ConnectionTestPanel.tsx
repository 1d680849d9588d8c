import { Button } from '@mantine/core';
import { useRef, useState } from 'react';
import type { ReactElement } from 'react';
import type { ConnectionStage, ConnectionTest } from '../../../../shared/domain/fleet/view';
import { api } from '../../../api';
import type { CallError } from '../../../api';
import { useText } from '../../../stores/language';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { formatDuration } from '../../../ui/format';
import { IconCircleDashed } from '../../../ui/icons';
import { RoleIcon } from '../../../ui/RoleIcon';
import { StatusBadge, StatusIcon } from '../../../ui/StatusBadge';
import { toTestForm } from './instance-form';
import type { FormValues } from './instance-form';
import classes from './ConnectionTestPanel.module.css';

const stages = ['dns', 'tcp', 'tls', 'login', 'facts'] as const;

export type TestState = { readonly kind: 'idle' } | { readonly kind: 'running' } | { readonly kind: 'failed'; readonly error: CallError } | { readonly kind: 'done'; readonly test: ConnectionTest };

function Stage({ name, stage, running }: { name: (typeof stages)[number]; stage: ConnectionStage | undefined; running: boolean }): ReactElement {
  const t = useText();
  const status = stage?.status;
  return (
    <li className={classes.stage} data-status={status ?? 'idle'}>
      <div className={classes.line}>
        {running ? <StatusIcon tone="busy" size={15} /> : status === 'pass' ? <StatusIcon tone="good" size={15} /> : status === 'fail' ? <StatusIcon tone="bad" size={15} /> : <IconCircleDashed size={15} aria-hidden />}
        <span className={classes.name}>{t(`fleet.stage.${name}`)}</span>
        <span className={classes.text}>{stage === undefined ? '' : stage.text !== null ? t.message(stage.text) : t(`fleet.test.${stage.status}`)}</span>
        <span className={classes.time}>{stage?.ms == null ? '' : formatDuration(t, stage.ms)}</span>
      </div>
      {stage?.error == null ? null : <ErrorNotice error={stage.error} />}
    </li>
  );
}

export interface ConnectionTesting {
  readonly state: TestState;
  /** Tests what the form says. */
  readonly run: (values: FormValues) => Promise<void>;
  readonly stop: () => void;
}

/** The test of a form; that of an existing instance goes with its password where none is typed. */
export function useConnectionTest(instanceId: string | null): ConnectionTesting {
  const [state, setState] = useState<TestState>({ kind: 'idle' });
  const testing = useRef<AbortController | null>(null);
  const run = async (values: FormValues): Promise<void> => {
    const aborter = new AbortController();
    testing.current = aborter;
    setState({ kind: 'running' });
    const password = instanceId !== null && values.password === '' ? {} : { password: values.password };
    const input = { form: toTestForm(values), ...password, ...(instanceId === null ? {} : { instanceId }) };
    const answer = await api.fleet.testConnection(input, { signal: aborter.signal });
    if (testing.current !== aborter) return;
    testing.current = null;
    setState(answer.ok ? { kind: 'done', test: answer.value } : answer.error.code === 'cancelled' ? { kind: 'idle' } : { kind: 'failed', error: answer.error });
  };
  return { state, run, stop: () => testing.current?.abort() };
}

/** A connection test, stage by stage: name, network, encryption, login, and what server it is. */
export function ConnectionTestPanel({ state, onTest, onStop }: { state: TestState; onTest: () => void; onStop: () => void }): ReactElement {
  const t = useText();
  const running = state.kind === 'running';
  const found = state.kind === 'done' ? state.test : null;
  return (
    <section className={classes.panel} aria-label={t('fleet.test')}>
      <ol className={classes.stages} aria-live="polite" aria-busy={running}>
        {stages.map((name) => (
          <Stage key={name} name={name} stage={found?.stages.find(({ stage }) => stage === name)} running={running} />
        ))}
      </ol>
      {state.kind === 'failed' ? <ErrorNotice error={state.error} /> : null}
      {found?.facts == null ? null : (
        <div className={classes.found}>
          <div className={classes.server}>
            <RoleIcon role={found.role ?? 'unknown'} />
            {t('fleet.test.found', { version: `MySQL ${found.facts.server.version}`, role: t(`common.role.${found.role ?? 'unknown'}`) })}
          </div>
          {found.facts.server.gtidMode === 'ON' ? (
            <StatusBadge tone="good" plain>
              {t('fleet.test.gtid-ok')}
            </StatusBadge>
          ) : (
            <p className={classes.gtid}>
              <StatusIcon tone="warn" /> {t('fleet.test.gtid-off', { mode: found.facts.server.gtidMode })}
            </p>
          )}
        </div>
      )}
      {state.kind === 'idle' ? <p className={classes.idle}>{t('fleet.test.idle')}</p> : null}
      <div>
        {running ? (
          <Button onClick={onStop}>{t('fleet.test.stop')}</Button>
        ) : (
          <Button variant="light" onClick={onTest}>
            {t(state.kind === 'idle' ? 'fleet.test' : 'fleet.test.again')}
          </Button>
        )}
      </div>
    </section>
  );
}
