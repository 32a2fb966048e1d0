// How prose looks in the editor: the tokens of the theme, so that dark and light need no other editor.
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { EditorView } from '@codemirror/view'
import { tags } from '@lezer/highlight'

const quiet = { color: 'var(--text-faint)' }

export const look = [
  EditorView.theme({
    '&': { color: 'var(--text)', backgroundColor: 'transparent', fontSize: '1.0938rem' },
    '&.cm-focused': { outline: 'none' },
    '.cm-scroller': { fontFamily: 'var(--font-prose)', lineHeight: '1.68', overflow: 'auto' },
    '.cm-content': { padding: '0', caretColor: 'var(--accent)' },
    '.cm-line': { padding: '0' },
    '.cm-cursor': { borderLeftColor: 'var(--accent)' },
    '&.cm-focused .cm-selectionBackground, .cm-selectionBackground, ::selection': {
      backgroundColor: 'var(--accent-wash) !important',
    },
    '.cm-comment': { backgroundColor: 'var(--calm-wash)', borderBottom: '2px solid var(--calm-text)' },
    '.cm-finding': { textDecoration: 'underline wavy var(--bad) 1px', textUnderlineOffset: '0.25em' },
    '.cm-origin': { backgroundColor: 'var(--accent-wash)' },
    '.cm-panels': { backgroundColor: 'var(--surface)', color: 'var(--text)', borderColor: 'var(--line)' },
    '.cm-panel.cm-search': { padding: 'var(--space-2)', fontFamily: 'var(--font-text)' },
    '.cm-textfield, .cm-button': {
      minHeight: 'var(--target)',
      border: '1px solid var(--line-strong)',
      borderRadius: 'var(--radius-s)',
      backgroundColor: 'var(--ground-low)',
      backgroundImage: 'none',
      color: 'var(--text)',
      fontSize: 'var(--size-s)',
    },
    '.cm-searchMatch': { backgroundColor: 'var(--calm-wash)' },
    '.cm-searchMatch-selected': { backgroundColor: 'var(--accent-wash)' },
  }),
  syntaxHighlighting(
    HighlightStyle.define([
      { tag: tags.heading1, fontSize: '1.4em', fontWeight: '600' },
      { tag: tags.heading2, fontSize: '1.2em', fontWeight: '600' },
      { tag: [tags.heading3, tags.heading4], fontWeight: '600' },
      { tag: tags.strong, fontWeight: '650' },
      { tag: tags.emphasis, fontStyle: 'italic' },
      { tag: tags.quote, color: 'var(--text-soft)' },
      { tag: tags.monospace, fontFamily: 'var(--font-mono)', fontSize: '0.88em' },
      { tag: tags.link, color: 'var(--accent-text)' },
      { tag: tags.url, ...quiet },
      { tag: tags.processingInstruction, ...quiet },
      { tag: tags.contentSeparator, ...quiet },
    ]),
  ),
]
