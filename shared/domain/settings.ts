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
}

export const defaultSettings: Settings = {
  language: 'system', theme: 'system', timeZone: 'local', pollSeconds: 2, lagWarningSeconds: 30, tasksAtOnce: 3, notices: true,
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
}

/** One line of the audit log. */
export interface AuditEntry {
  readonly at: number;
  readonly actor: string;
  readonly front: 'desktop' | 'terminal';
  readonly action: string;
  readonly target: string;
  readonly outcome: 'done' | 'refused' | 'failed';
  readonly detail: Readonly<Record<string, string | number | boolean | null>>;
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
