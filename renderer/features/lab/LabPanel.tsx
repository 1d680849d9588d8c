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

type Act = () => Promise<Result<LabStatus>>;

interface Lab {
  readonly status: LabStatus | null;
  readonly error: CallError | null;
  readonly busy: boolean;
  /** Does something with the lab; the fleet is read again, as servers came or went. */
  readonly run: (act: Act) => Promise<void>;
  /** Asks for a server program and makes it known. */
  readonly chooseProgram: () => Promise<void>;
}

function useLab(): Lab {
  const status = useSettings((state) => state.lab);
  const [error, setError] = useState<CallError | null>(null);
  const [running, setRunning] = useState(false);
  const take = (answer: Result<LabStatus>): void => {
    if (answer.ok) putSettings({ lab: answer.value });
    setError(answer.ok ? null : answer.error);
  };
  const run = async (act: Act): Promise<void> => {
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
  return { status, error, busy: running || (status !== null && status.busy !== null), run, chooseProgram };
}

/** The last word before the servers and their data go. */
function Removing({ onCancel, onRemove }: { onCancel: () => void; onRemove: () => void }): ReactElement {
  const t = useText();
  return (
    <div className={classes.confirm} role="alert">
      <p>{t('lab.panel.remove-text')}</p>
      <div className={classes.buttons}>
        <Button autoFocus onClick={onCancel}>
          {t('common.cancel')}
        </Button>
        <Button variant="filled" color="red" onClick={onRemove}>
          {t('lab.panel.remove')}
        </Button>
      </div>
    </div>
  );
}

interface ActsProps {
  readonly lab: Lab;
  readonly status: LabStatus;
  readonly onUp: () => void;
  readonly onRemove: () => void;
}

/** What can be done now: start, stop, remove, or choose a server program. */
function Acts({ lab: { busy, run, chooseProgram }, status: { available, servers }, onUp, onRemove }: ActsProps): ReactElement {
  const t = useText();
  const anyRunning = servers.some((server) => server.running);
  const none = servers.length === 0;
  return (
    <div className={classes.buttons}>
      {anyRunning || !available ? null : (
        <Button variant={none ? 'light' : 'filled'} disabled={busy} onClick={onUp}>
          {t(none ? 'lab.panel.up' : 'lab.panel.up-again')}
        </Button>
      )}
      {anyRunning ? (
        <Button disabled={busy} onClick={() => void run(() => api.lab.down())}>
          {t('lab.panel.down')}
        </Button>
      ) : null}
      {none ? (
        <Button variant={available ? 'subtle' : 'light'} disabled={busy} onClick={() => void chooseProgram()}>
          {t('lab.panel.choose')}
        </Button>
      ) : (
        <Button disabled={busy} onClick={onRemove}>
          {t('lab.panel.remove')}
        </Button>
      )}
    </div>
  );
}

/**
 * The practice lab: local MySQL servers made, stopped and removed from here. Choosing the server program where none was
 * found; what is under way is told in words while it lasts.
 */
export function LabPanel(): ReactElement {
  const t = useText();
  const lab = useLab();
  const [removing, setRemoving] = useState(false);
  const [runtimeId, setRuntimeId] = useState<string | null>(null);
  const [sample, setSample] = useState(true);
  const { status, error, busy, run } = lab;
  if (status === null) {
    return error === null ? <p className={classes.faint}>{t('common.loading')}</p> : <ErrorNotice error={error} />;
  }
  const { servers, runtimes, available } = status;
  const chosen = runtimeId ?? runtimes[0]?.id ?? null;
  const remove = (): void => {
    setRemoving(false);
    void run(() => api.lab.remove());
  };
  return (
    <div className={classes.lab}>
      {servers.length === 0 ? null : <Servers servers={servers} />}
      {available ? null : <p className={classes.faint}>{t('lab.panel.no-program')}</p>}
      {servers.length === 0 && runtimes.length > 0 ? (
        <>
          <Select
            label={t('lab.panel.program')}
            value={chosen}
            onChange={setRuntimeId}
            disabled={busy}
            data={runtimes.map(({ id, version, path }) => ({ value: id, label: `MySQL ${version} · ${path}` }))}
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
        <Removing onCancel={() => setRemoving(false)} onRemove={remove} />
      ) : (
        <Acts lab={lab} status={status} onUp={() => void run(() => api.lab.up({ servers: 3, runtimeId: chosen, sample }))} onRemove={() => setRemoving(true)} />
      )}
    </div>
  );
}
