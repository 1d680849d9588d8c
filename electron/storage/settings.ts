import * as v from 'valibot';
import { savedFilter } from '../../shared/contract/setting-inputs';
import { defaultSettings, type Settings } from '../../shared/domain/settings';
import { openDocument } from './document';

const schema = v.object({
  language: v.picklist(['system', 'zh-CN', 'en']),
  theme: v.picklist(['system', 'light', 'dark']),
  timeZone: v.picklist(['local', 'utc']),
  pollSeconds: v.pipe(v.number(), v.minValue(1), v.maxValue(60)),
  lagWarningSeconds: v.pipe(v.number(), v.minValue(1), v.maxValue(86_400)),
  tasksAtOnce: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(16)),
  notices: v.boolean(),
  savedFilters: v.pipe(v.array(savedFilter), v.readonly()),
});

/** The user's settings, kept in `settings.json`. A setting on disk that is out of its bounds counts as not set. */
export interface SettingsStore {
  get(): Settings;
  /** Changes what is given and leaves the rest. */
  set(change: Partial<Settings>): Settings;
  onChange(listener: (settings: Settings) => void): () => void;
}

/** Opens the settings of a data folder; see `openDocument` for what it throws. */
export function openSettings(dataFolder: string): SettingsStore {
  const document = openDocument({ dataFolder, name: 'settings', version: 1, askedOften: true, schema, empty: defaultSettings });
  const listeners = new Set<(settings: Settings) => void>();
  return {
    get: () => document.get(),
    set: (change) => {
      const settings = document.update((old) => ({ ...old, ...change }));
      for (const listener of listeners) listener(settings);
      return settings;
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
