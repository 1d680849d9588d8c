/**
 * SQL: a JSON document as text in its normal form, which two equal documents share. Its text is read back once, because a document may hold what text
 * cannot (a DECIMAL, a date) and a copy by text made a DOUBLE or a string of it.
 */
export function jsonForm(expression: string): string {
  return `CONVERT(CAST(CONVERT(${expression} USING utf8mb4) AS JSON) USING utf8mb4)`;
}
