const most = 400;

/** A statement as far as it is shown; one that goes on says so. */
export const beginningOf = (sql: string): string => (sql.length > most ? `${sql.slice(0, most)} …` : sql);
