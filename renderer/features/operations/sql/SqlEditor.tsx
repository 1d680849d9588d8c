import { autocompletion, completionKeymap, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyField, historyKeymap } from '@codemirror/commands';
import { MySQL, sql } from '@codemirror/lang-sql';
import { bracketMatching, HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { EditorState, Prec, type Extension } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useEffectEvent, useImperativeHandle, useRef } from 'react';
import type { ReactElement, Ref } from 'react';
import { editorOf, meantPart, rememberEditor } from '../../../stores/sql-desk';
import type { NamesAt } from '../../../stores/sql-names';
import classes from './sql.module.css';

/** What else may ask an editor. */
export interface EditorHandle {
  /** What is selected, else the statement that the cursor is in. */
  meant(): string;
  /** Puts another text in place of the one that is there; it can be undone. */
  change(become: (text: string) => string): void;
}

interface EditorProps {
  readonly label: string;
  readonly initial: string;
  /** The tab that the editor is of, by which is remembered where it stood, and what can be undone in it. */
  readonly instanceId: string;
  readonly tabId: string;
  readonly ref: Ref<EditorHandle>;
  readonly onChange: (text: string) => void;
  readonly onRunAll: (text: string) => void;
  readonly onRunMeant: (text: string) => void;
  /** The names that may stand at a place of the text; `asked`: the user asked for them. */
  readonly names: (text: string, at: number, asked: boolean) => Promise<NamesAt | null>;
}

// The colours of the window: they follow its theme by themselves.
const look = EditorView.theme({
  '&': { height: '100%', color: 'var(--a-text)', backgroundColor: 'var(--a-field)', fontSize: '13px' },
  '.cm-content': { fontFamily: 'var(--a-mono)', caretColor: 'var(--a-text)' },
  '.cm-cursor': { borderLeftColor: 'var(--a-text)' },
  '.cm-gutters': { color: 'var(--a-text-2)', backgroundColor: 'var(--a-field)', borderRight: '1px solid var(--a-line)' },
  '.cm-activeLine': { backgroundColor: 'transparent' },
  '&.cm-focused': { outline: '2px solid var(--a-accent)', outlineOffset: '-2px' },
  '.cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': { backgroundColor: 'var(--a-accent-soft)' },
  '.cm-tooltip': { color: 'var(--a-text)', backgroundColor: 'var(--a-raised)', border: '1px solid var(--a-line-strong)' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { color: 'var(--a-text)', backgroundColor: 'var(--a-accent-soft)' },
});
const colours = HighlightStyle.define([
  { tag: tags.keyword, color: 'var(--a-accent)', fontWeight: '600' },
  { tag: [tags.string, tags.number, tags.bool, tags.null], color: 'var(--a-text)', fontStyle: 'italic' },
  { tag: tags.comment, color: 'var(--a-text-2)' },
]);

/**
 * What is typed over a selection is put in by the editor. The browser would first do it by itself, and give the new text the colours of the old by a style
 * attribute, which the content security policy refuses.
 */
const typedOver = EditorView.domEventHandlers({
  beforeinput: (event, view) => {
    const { state } = view;
    if (event.inputType !== 'insertText' || event.data === null || !event.cancelable || event.isComposing || state.selection.main.empty) return false;
    view.dispatch(state.replaceSelection(event.data), { userEvent: 'input.type', scrollIntoView: true });
    event.preventDefault();
    return true;
  },
});

/** The nonce that the page's content security policy allows style sheets by. */
const nonce = (): string => document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.content ?? '';

function stateOf(kept: { readonly doc?: unknown } | undefined, doc: string, extensions: Extension): EditorState {
  // Its text may have been changed from elsewhere.
  if (kept?.doc !== doc) return EditorState.create({ doc, extensions });
  return EditorState.fromJSON(kept, { extensions }, { history: historyField });
}

/** An editor of SQL: MySQL's words in colour and completed, Ctrl+Enter runs the statement, Ctrl+Shift+Enter all of them. */
export function SqlEditor({ label, initial, instanceId, tabId, ref, onChange, onRunAll, onRunMeant, names }: EditorProps): ReactElement {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const changed = useEffectEvent(onChange);
  const runAll = useEffectEvent(onRunAll);
  const runMeant = useEffectEvent(onRunMeant);
  const namesAt = useEffectEvent(names);
  const first = useEffectEvent(() => initial);
  useEffect(() => {
    if (host.current === null) return undefined;
    const extensions = [
      EditorView.cspNonce.of(nonce()), lineNumbers(), history(), drawSelection(), highlightActiveLine(), bracketMatching(), autocompletion(),
      sql({ dialect: MySQL, upperCaseKeywords: true }),
      MySQL.language.data.of({ autocomplete: async (context: CompletionContext) => completed(context, namesAt) }),
      syntaxHighlighting(colours), look, typedOver, EditorView.contentAttributes.of({ 'aria-label': label, 'tabindex': '0' }),
      Prec.highest(keymap.of([
        { key: 'Mod-Shift-Enter', run: ({ state }) => { runAll(state.doc.toString()); return true; } },
        { key: 'Mod-Enter', run: ({ state }) => { runMeant(meantOf(state)); return true; } },
      ])),
      keymap.of([...defaultKeymap, ...historyKeymap, ...completionKeymap]),
      EditorView.updateListener.of(({ docChanged, state }) => { if (docChanged) changed(state.doc.toString()); }),
    ];
    const made = new EditorView({ parent: host.current, state: stateOf(editorOf(instanceId, tabId), first(), extensions) });
    view.current = made;
    return () => {
      rememberEditor(instanceId, tabId, made.state.toJSON({ history: historyField }));
      made.destroy();
    };
  }, [label, instanceId, tabId]);
  useImperativeHandle(ref, () => ({
    meant: () => (view.current === null ? '' : meantOf(view.current.state)),
    change: (become) => {
      const shown = view.current;
      if (shown === null) return;
      const text = shown.state.doc.toString();
      const now = become(text);
      if (now !== text) shown.dispatch({ changes: { from: 0, to: text.length, insert: now }, selection: { anchor: 0 }, userEvent: 'input.format' });
    },
  }), []);
  return <div ref={host} className={classes.editor} />;
}

const icons = { database: 'namespace', table: 'class', column: 'property' } as const;
/** Columns are wanted before tables, and both before keywords. */
const boosts = { column: 3, table: 2, database: 1 } as const;

async function completed({ state, pos, explicit }: CompletionContext, names: EditorProps['names']): Promise<CompletionResult | null> {
  const found = await names(state.doc.toString(), pos, explicit);
  if (found === null || found.options.length === 0) return null;
  const options = found.options.map(({ text, kind }) => ({ label: text, type: icons[kind], boost: boosts[kind] }));
  return { from: found.from, to: found.to, options, validFor: /^[`\w$\u0080-\uffff]*$/ };
}

function meantOf({ doc, selection: { main } }: EditorState): string {
  return meantPart(doc.toString(), main.from, main.to);
}
