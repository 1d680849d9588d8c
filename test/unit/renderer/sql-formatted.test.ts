// A text laid out anew: the same statements, and nothing touched that might become another.
import { describe, expect, it } from 'vitest';
import { formatted } from '../../../renderer/features/operations/sql/formatted';
import { tokensIn } from '../../../shared/domain/sql/tokens';
import { disguises, manualStatements } from '../../fixtures/sql-corpus';

describe('a text that is laid out anew', () => {
  it('has its clauses on lines of their own, and its words as they were', () => {
    expect(formatted("select a,`b c`, COUNT(*) from t join u on t.id=u.id where a in(1,2) and x='it''s' order by 1 limit 5;  select 2")).toEqual({
      text: "select\n  a,\n  `b c`,\n  COUNT(*)\nfrom\n  t\n  join u on t.id = u.id\nwhere\n  a in (1, 2)\n  and x = 'it''s'\norder by\n  1\nlimit\n  5;  select\n  2",
      left: 0,
    });
  });

  it('never touches routines, DELIMITER, hints, what only some servers run, or what is not understood', () => {
    const texts = [
      'DELIMITER $$\nCREATE PROCEDURE p() BEGIN  SELECT 1;   SELECT 2; END$$\nDELIMITER ;\n', 'CREATE   TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.a   = 1',
      'SELECT   /*+ NO_MERGE(a) */ 1', 'SELECT   /*!80000 1, */ 2', "SELECT   'no end", 'CREATE  DEFINER = a@b   EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE  FROM t',
    ];
    for (const text of texts) expect(formatted(text)).toEqual({ text, left: 1 });
    const mixed = 'DELIMITER //\nselect 1 from t//\nCREATE FUNCTION f() RETURNS INT  RETURN 1//\nDELIMITER ;\n-- a word\nselect 2';
    expect(formatted(mixed)).toEqual({
      text: 'DELIMITER //\nselect\n  1\nfrom\n  t//\nCREATE FUNCTION f() RETURNS INT  RETURN 1//\nDELIMITER ;\n-- a word\nselect\n  2', left: 1,
    });
  });

  it('is the same to every token for every statement of the manual, however it is written', () => {
    const words = (text: string): readonly string[] => tokensIn(text).filter(({ kind }) => kind !== 'space').map((token) => token.text.trimEnd());
    for (const sql of Object.values(manualStatements).flat()) {
      for (const text of [sql, ...disguises.map(([, disguise]) => disguise(sql))]) expect(words(formatted(text).text)).toEqual(words(text));
    }
  });
});
