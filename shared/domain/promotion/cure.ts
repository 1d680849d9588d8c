/** What the program can do itself about an obstacle, on the user's word. `instanceId`: the server it is done on. */
export type Cure =
  | { readonly kind: 'end-session'; readonly instanceId: string; readonly connectionId: number; readonly user: string; readonly host: string }
  | { readonly kind: 'turn-off'; readonly instanceId: string; readonly variable: CurableVariable }
  /** Sets the delay of a link to 0, its receiver running throughout, so that nothing of the relay logs is lost. */
  | { readonly kind: 'end-delay'; readonly instanceId: string }
  /** Gives settings the values that the old primary has or was last seen with. */
  | { readonly kind: 'align'; readonly instanceId: string; readonly settings: readonly AlignedSetting[] }
  /** Of a link whose thread was stopped, and did not stop with an error. */
  | { readonly kind: 'start-thread'; readonly instanceId: string; readonly thread: 'receiver' | 'applier' };

/** A variable and the value that it is to have, as a server prints it. */
export interface AlignedSetting {
  readonly name: string;
  readonly value: string;
}

/** Settings that keep writes out of a server that is not read-only, and that can be turned off while it runs. */
export const curableVariables = ['transaction_read_only', 'tx_read_only', 'offline_mode'] as const;
export type CurableVariable = (typeof curableVariables)[number];

/** A cure by name: the same obstacle on the same server has the same one in every plan. `server`: its id, or its name for people. */
export function cureId(cure: Cure, server: string = cure.instanceId): string {
  switch (cure.kind) {
    case 'end-session':
      return `${cure.kind}:${server}:${cure.connectionId}`;
    case 'turn-off':
      return `${cure.kind}:${server}:${cure.variable}`;
    case 'end-delay':
    case 'align':
      return `${cure.kind}:${server}`;
    case 'start-thread':
      return `${cure.kind}:${server}:${cure.thread}`;
    default:
      return cure satisfies never;
  }
}

/** The same in the terminal, names quoted where a shell would split them. */
export function cureCommandOf(cure: Cure, names: { readonly standby: string; readonly server: string; readonly kind: 'planned' | 'emergency' }): string {
  const { standby, server, kind } = names;
  const confirm = cureHarms(cure) ? ` --confirm ${quoted(server)}` : '';
  return `antipode cure ${quoted(standby)} ${quoted(cureId(cure, server))} --${kind}${confirm}`;
}

/** A word of a POSIX shell. */
const quoted = (word: string): string => (/^[\w.:@%+-]+$/u.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

/**
 * Whether somebody loses something by it: a session with its transaction, the time a delay gives to stop a mistake, or settings that were
 * chosen for this server. Those want the typed word.
 */
export function cureHarms({ kind }: Cure): boolean {
  return kind === 'end-session' || kind === 'end-delay' || kind === 'align';
}
