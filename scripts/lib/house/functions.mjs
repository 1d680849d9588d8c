// How long the functions of a file are, as eslint's max-lines-per-function counts them: blank lines and comments too.
import ts from 'typescript';

/**
 * @typedef {object} LongFunction
 * @property {string} file
 * @property {string} name
 * @property {number} line its first one
 * @property {number} lines
 */

/**
 * What may have a body.
 * @param {ts.Node} node
 * @returns {node is ts.FunctionLikeDeclaration}
 */
const isFunction = (node) => ts.isArrowFunction(node) || ts.isFunctionExpression(node) || ts.isFunctionDeclaration(node)
  || ts.isMethodDeclaration(node) || ts.isConstructorDeclaration(node) || ts.isAccessor(node);

/**
 * Every function of a file, those inside of others too.
 * @param {string} file
 * @param {string} text
 * @returns {LongFunction[]}
 */
export function functionsOf(file, text) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, file.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS);
  /** @type {LongFunction[]} */
  const found = [];
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (isFunction(node) && node.body !== undefined) {
      const first = source.getLineAndCharacterOfPosition(node.getStart(source)).line;
      const last = source.getLineAndCharacterOfPosition(node.getEnd()).line;
      found.push({ file, name: nameOf(node), line: first + 1, lines: last - first + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/**
 * Its own name, or that of what it is given to: a variable, a property, a call.
 * @param {ts.FunctionLikeDeclaration} node
 * @returns {string}
 */
function nameOf(node) {
  if (ts.isConstructorDeclaration(node)) return `${node.parent.name?.text ?? 'class'}.constructor`;
  if (node.name !== undefined) return node.name.getText();
  const { parent } = node;
  if (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent)) return parent.name.getText();
  if (ts.isCallExpression(parent)) return `${parent.expression.getText().split('\n').at(-1)?.trim() ?? ''}(…)`;
  return '(unnamed)';
}
