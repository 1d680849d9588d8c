import type { SavedFilter } from './fleet/saved-filter';

/** What the user chose for this workstation. */
export interface Settings {
  readonly language: 'system' | 'zh-CN' | 'en';
  readonly theme: 'system' | 'light' | 'dark';
  readonly timeZone: 'local' | 'utc';
  readonly pollSeconds: number;
  /** Seconds of lag from which a standby is called lagging. */
  readonly lagWarningSeconds: number;
  /** How many sync tasks check and copy at the same time; the others wait their turn. */
  readonly tasksAtOnce: number;
  /** The desktop tells when a task ends or needs its user while the window is not in front. */
  readonly notices: boolean;
  /** Lists of instances that were given a name. */
  readonly savedFilters: readonly SavedFilter[];
}

export const defaultSettings: Settings = {
  language: 'system', theme: 'system', timeZone: 'local', pollSeconds: 2, lagWarningSeconds: 30, tasksAtOnce: 3, notices: true, savedFilters: [],
};

/** Where passwords are kept: the system's keyring, a vault under a passphrase, or nowhere beyond this run. */
export const secretTiers = ['keyring', 'passphrase', 'session'] as const;
export type SecretTier = (typeof secretTiers)[number];

export interface SecretStatus {
  readonly tier: SecretTier;
  readonly keyringAvailable: boolean;
  /** The passphrase vault exists and is shut. */
  readonly locked: boolean;
  /** The secret store could not be opened; the passwords in it are kept aside. */
  readonly broken: boolean;
  /** Where it is broken: what of it, and in which file of the data folder it is kept. */
  readonly damage?: { readonly what: 'file' | 'parameters'; readonly file: string };
}

/** One line of the audit log. An act has two, by the same `act`: `begun` is on the disk before it, and how it ended after. */
export interface AuditEntry {
  readonly at: number;
  readonly actor: string;
  readonly front: 'desktop' | 'terminal';
  readonly action: string;
  readonly target: string;
  readonly outcome: 'begun' | 'done' | 'refused' | 'failed';
  readonly detail: Readonly<Record<string, string | number | boolean | null>>;
  readonly act?: string | undefined;
}

/** Whether the lines of the audit log hold together, as a reading from its first one says. */
export interface AuditProof {
  /**
   * `broken`: a line was changed, put in, taken out or renumbered; `cut-off`: lines are missing at the end; `end-unknown`: what is there
   * holds together, and the record of where it ended is gone.
   */
  readonly state: 'intact' | 'broken' | 'cut-off' | 'end-unknown';
  /** Number of the last line of the chain. */
  readonly entries: number;
  /** Lines from before the chain; its first line seals them. */
  readonly old: number;
  /** Lines that a crash has torn. */
  readonly torn: number;
  /** The line of the file at which it does not hold. */
  readonly brokenAt: number | null;
  /** Lines missing at the end. */
  readonly missing: number;
  /** Hash of the last line: noted elsewhere, it proves later that nothing above it was rewritten. */
  readonly end: string | null;
  /** Ends of acts that could not be written yet. */
  readonly waiting: number;
}

export interface LabStatus {
  readonly available: boolean;
  /** Server programs found, `id` to choose by. */
  readonly runtimes: readonly { readonly id: string; readonly version: string; readonly path: string }[];
  readonly servers: readonly LabServerView[];
  readonly busy: import('../i18n/message').Message | null;
}

export interface LabServerView {
  readonly name: string;
  readonly region: string;
  readonly port: number;
  readonly version: string;
  readonly running: boolean;
  readonly instanceId: string | null;
}
