/** What the program can do itself about an obstacle, on the user's word. `instanceId`: the server it is done on. */
export type Cure =
  | { readonly kind: 'end-session'; readonly instanceId: string; readonly connectionId: number; readonly user: string; readonly host: string }
  | { readonly kind: 'turn-off'; readonly instanceId: string; readonly variable: CurableVariable };

/** Settings that keep writes out of a server that is not read-only, and that can be turned off while it runs. */
export const curableVariables = ['transaction_read_only', 'tx_read_only', 'offline_mode'] as const;
export type CurableVariable = (typeof curableVariables)[number];
