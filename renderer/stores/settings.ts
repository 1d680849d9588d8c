import { create } from 'zustand';
import type { AppInfo } from '../../shared/contract/methods';
import { defaultSettings } from '../../shared/domain/settings';
import type { LabStatus, SecretStatus, Settings } from '../../shared/domain/settings';
import { api } from '../api';
import type { CallError } from '../api';
import { wholeOf } from './whole';

/** What the user chose, where passwords are kept, and what this program is. */
export interface SettingsState {
  readonly loaded: boolean;
  readonly settings: Settings;
  readonly secrets: SecretStatus | null;
  readonly info: AppInfo | null;
  readonly lab: LabStatus | null;
  readonly error: CallError | null;
}

export const useSettings = create<SettingsState>(() => ({ loaded: false, settings: defaultSettings, secrets: null, info: null, lab: null, error: null }));

const whole = wholeOf<SettingsState>((make) => useSettings.setState(make), async () => {
  const [settings, secrets, info] = await Promise.all([api.settings.get(), api.secrets.status(), api.app.info()]);
  return (state) => ({
    loaded: true,
    settings: settings.ok ? settings.value : state.settings,
    secrets: secrets.ok ? secrets.value : state.secrets,
    info: info.ok ? info.value : state.info,
    error: settings.ok ? null : settings.error,
  });
});

/** Asks for settings, state of the secret store and facts of the program. */
export const loadSettings = (): Promise<void> => whole.load();

/** Puts in place what the engine tells of settings, secret store or practice servers. */
export function putSettings(change: Partial<Pick<SettingsState, 'settings' | 'secrets' | 'lab'>>): void {
  whole.change(() => change);
}

/** Changes settings; they take effect when the engine has stored them. Returns the failure, if any. */
export async function changeSettings(change: Partial<Settings>): Promise<CallError | null> {
  const answer = await api.settings.set(change);
  if (!answer.ok) return answer.error;
  putSettings({ settings: answer.value });
  return null;
}
