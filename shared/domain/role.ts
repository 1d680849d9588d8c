/** What an instance is, as its own facts, its links and the user's intent tell. */
export const roles = ['primary', 'standby', 'read-only', 'stand-alone', 'fenced', 'unknown'] as const;
export type Role = (typeof roles)[number];
