import { Button, Loader, Select, Switch } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import type { LabServerView, LabStatus } from '../../../shared/domain/settings';
import { api } from '../../api';
import type { CallError, Result } from '../../api';
import { loadFleet } from '../../stores/fleet';
import { useText } from '../../stores/language';
import { putSettings, useSettings } from '../../stores/settings';
import { ErrorNotice } from '../../ui/ErrorNotice';
import { StatusBadge } from '../../ui/StatusBadge';
import classes from './LabPanel.module.css';

function Servers({ servers }: { servers: readonly LabServerView[] }): ReactElement {
  const t = useText();
  return (
    <ul className={classes.servers}>
      {servers.map((server) => (
        <li key={server.name} className={classes.server}>
          <span className={classes.name}>{server.name}</span>
          <span>{server.region}</span>
          <span>{t('lab.panel.port', { port: String(server.port) })}</span>
          <span>{server.version}</span>
          <StatusBadge tone={server.running ? 'good' : 'mute'} plain>
            {t(server.running ? 'lab.panel.running' : 'lab.panel.stopped')}
          </StatusBadge>
        </li>
      ))}
    </ul>
  );
}

/**
 * The practice lab: local MySQL servers made, stopped and removed from here. Choosing the server program where none was
 * found; what is under way is told in words while it lasts.
 */
export function LabPanel(): ReactElement {
  const t = useText();
  const status = useSettings((state) => state.lab);
  const [error, setError] = useState<CallError | null>(null);
  const [running, setRunning] = useState(false);
  const [removing, setRemoving] = useState(false);
  const [runtimeId, setRuntimeId] = useState<string | null>(null);
  const [sample, setSample] = useState(true);

  const take = (answer: Result<LabStatus>): void => {
    if (answer.ok) putSettings({ lab: answer.value });
    setError(answer.ok ? null : answer.error);
  };
  const run = async (act: () => Promise<Result<LabStatus>>): Promise<void> => {
    setRunning(true);
    setError(null);
    take(await act());
    setRunning(false);
    void loadFleet();
  };
  useEffect(() => {
    let here = true;
    void api.lab.status().then((answer) => {
      if (here) take(answer);
    });
    return () => {
      here = false;
    };
  }, []);

  const chooseProgram = async (): Promise<void> => {
    const path = await api.app.chooseProgram();
    if (!path.ok) return setError(path.error);
    const { value } = path;
    if (value !== null) await run(() => api.lab.useProgram({ path: value }));
  };

  if (status === null) {
    return error === null ? <p className={classes.faint}>{t('common.loading')}</p> : <ErrorNotice error={error} />;
  }
  const busy = running || status.busy !== null;
  const chosen = runtimeId ?? status.runtimes[0]?.id ?? null;
  const anyRunning = status.servers.some((server) => server.running);
  return (
    <div className={classes.lab}>
      {status.servers.length === 0 ? null : <Servers servers={status.servers} />}
      {status.available ? null : <p className={classes.faint}>{t('lab.panel.no-program')}</p>}
      {status.servers.length === 0 && status.runtimes.length > 0 ? (
        <>
          <Select
            label={t('lab.panel.program')}
            value={chosen}
            onChange={setRuntimeId}
            disabled={busy}
            data={status.runtimes.map((runtime) => ({ value: runtime.id, label: `MySQL ${runtime.version} · ${runtime.path}` }))}
          />
          <Switch size="xs" checked={sample} onChange={(event) => setSample(event.currentTarget.checked)} label={t('lab.panel.sample')} disabled={busy} />
        </>
      ) : null}
      {busy ? (
        <div className={classes.busy} role="status">
          <Loader size={14} aria-hidden /> {status.busy === null ? t('common.working') : t.message(status.busy)}
        </div>
      ) : null}
      {error === null ? null : <ErrorNotice error={error} />}
      {removing ? (
        <div className={classes.confirm} role="alert">
          <p>{t('lab.panel.remove-text')}</p>
          <div className={classes.buttons}>
            <Button autoFocus onClick={() => setRemoving(false)}>
              {t('common.cancel')}
            </Button>
            <Button
              variant="filled"
              color="red"
              onClick={() => {
                setRemoving(false);
                void run(() => api.lab.remove());
              }}
            >
              {t('lab.panel.remove')}
            </Button>
          </div>
        </div>
      ) : (
        <div className={classes.buttons}>
          {anyRunning || !status.available ? null : (
            <Button variant={status.servers.length === 0 ? 'light' : 'filled'} disabled={busy} onClick={() => void run(() => api.lab.up({ servers: 3, runtimeId: chosen, sample }))}>
              {t(status.servers.length === 0 ? 'lab.panel.up' : 'lab.panel.up-again')}
            </Button>
          )}
          {anyRunning ? (
            <Button disabled={busy} onClick={() => void run(() => api.lab.down())}>
              {t('lab.panel.down')}
            </Button>
          ) : null}
          {status.servers.length > 0 ? (
            <Button disabled={busy} onClick={() => setRemoving(true)}>
              {t('lab.panel.remove')}
            </Button>
          ) : (
            <Button variant={status.available ? 'subtle' : 'light'} disabled={busy} onClick={() => void chooseProgram()}>
              {t('lab.panel.choose')}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}
