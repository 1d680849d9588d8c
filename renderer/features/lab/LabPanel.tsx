import { ActionIcon, Button, Loader, Select, Switch } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import type { LabServerView, LabStatus } from '../../../shared/domain/settings';
import { api } from '../../api';
import type { CallError, Result } from '../../api';
import { loadFleet } from '../../stores/fleet';
import { useText } from '../../stores/language';
import { putSettings, useSettings } from '../../stores/settings';
import { openDialog } from '../../stores/ui';
import { ErrorNotice } from '../../ui/ErrorNotice';
import { IconPlayerPlay, IconPlayerStop, IconSkull } from '../../ui/icons';
import { StatusBadge } from '../../ui/StatusBadge';
import { NextStep } from './NextStep';
import classes from './LabPanel.module.css';

/** What can be done with one server: stopped in order or lost while it runs, started again where it does not. */
function ServerActs({ server: { name, running }, busy, onAct }: { server: LabServerView; busy: boolean; onAct: (act: 'start' | 'stop' | 'lose', name: string) => void }): ReactElement {
  const t = useText();
  const acts = running ? (['stop', 'lose'] as const) : (['start'] as const);
  const Icons = { start: IconPlayerPlay, stop: IconPlayerStop, lose: IconSkull };
  return (
    <span className={classes.acts}>
      {acts.map((act) => {
        const Icon = Icons[act];
        const label = t(`lab.panel.${act}-what`, { name });
        return (
          <ActionIcon key={act} size={24} aria-label={label} title={label} disabled={busy} onClick={() => onAct(act, name)}>
            <Icon size={14} />
          </ActionIcon>
        );
      })}
    </span>
  );
}

interface ServersProps {
  readonly servers: readonly LabServerView[];
  readonly busy: boolean;
  readonly onAct: (act: 'start' | 'stop' | 'lose', name: string) => void;
}

function Servers({ servers, busy, onAct }: ServersProps): ReactElement {
  const t = useText();
  return (
    <ul className={classes.servers}>
      {servers.map((server) => (
        <li key={server.name} className={classes.server}>
          <span className={classes.name}>{server.name}</span>
          <span>{server.region}</span>
          <span>{t('lab.panel.port', { port: String(server.port) })}</span>
          <span>{server.version}</span>
          <StatusBadge tone={server.running ? 'good' : 'calm'} plain>
            {t(server.running ? 'lab.panel.running' : 'lab.panel.stopped')}
          </StatusBadge>
          <ServerActs server={server} busy={busy} onAct={onAct} />
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
  /** Does something with the lab; the fleet is read again, as servers came or went. Whether it was done. */
  readonly run: (act: Act) => Promise<boolean>;
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
  const run = async (act: Act): Promise<boolean> => {
    setRunning(true);
    setError(null);
    const answer = await act();
    take(answer);
    setRunning(false);
    void loadFleet();
    return answer.ok;
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
  const up = async (): Promise<void> => {
    // The first page of an empty inventory goes with the first server: what comes next is said in the dialog.
    if (await run(() => api.lab.up({ servers: 3, runtimeId: chosen, sample }))) openDialog({ kind: 'lab' });
  };
  const remove = (): void => {
    setRemoving(false);
    void run(() => api.lab.remove());
  };
  return (
    <div className={classes.lab}>
      {servers.length === 0 ? null : <Servers servers={servers} busy={busy} onAct={(act, name) => void run(() => api.lab[act]({ name }))} />}
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
      {busy ? null : <NextStep servers={servers} busy={busy} onStart={(name) => void run(() => api.lab.start({ name }))} />}
      {removing ? (
        <Removing onCancel={() => setRemoving(false)} onRemove={remove} />
      ) : (
        <Acts lab={lab} status={status} onUp={() => void up()} onRemove={() => setRemoving(true)} />
      )}
    </div>
  );
}
