// Passages that the page around the editor points at: they move with the text, and cost nothing while one types.
import { StateEffect, StateField } from '@codemirror/state'
import { Decoration, type DecorationSet, EditorView } from '@codemirror/view'

export interface Mark {
  from: number
  to: number
  kind: 'comment' | 'finding' | 'origin'
}

export const setMarks = StateEffect.define<readonly Mark[]>()

export const marks = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(kept, transaction) {
    let now = kept.map(transaction.changes)
    for (const effect of transaction.effects) {
      if (!effect.is(setMarks)) continue
      const length = transaction.newDoc.length
      const found = effect.value
        .map((mark) => ({ ...mark, to: Math.min(mark.to, length) }))
        .filter((mark) => mark.from < mark.to)
        .sort((a, b) => a.from - b.from || a.to - b.to)
      now = Decoration.set(found.map((mark) => Decoration.mark({ class: `cm-${mark.kind}` }).range(mark.from, mark.to)))
    }
    return now
  },
  provide: (field) => EditorView.decorations.from(field),
})
