/** English texts of comparing two sides down to the row, and of repairing one of them. Keys start with `verification.`. */
export const verification = {
  'verification.log.changed': 'Changed (DDL) while they were read, so they are read again at a new position: {tables}',
  'verification.log.threads': 'Waiting: {value} statements run on the source',
  'verification.log.lag': 'Waiting: the standby is {value} s behind',
} as const;
