// Arabic, Hebrew and their kin run from right to left: each line of such a text has the direction of its first letter.
import type { Extension } from '@codemirror/state'
import { RangeSetBuilder } from '@codemirror/state'
import { Decoration, type DecorationSet, EditorView, ViewPlugin, type ViewUpdate } from '@codemirror/view'

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/
const LANGUAGES = /^(ar|arc|ckb|dv|fa|he|ps|sd|ug|ur|yi)\b/i
const own = Decoration.line({ attributes: { dir: 'auto' } })

/** Whether a text of this language has to be set line by line; asking each line costs time that others need not pay. */
export function runsBoth(text: string, language = ''): boolean {
  return LANGUAGES.test(language) || RIGHT_TO_LEFT.test(text)
}

function visible(view: EditorView): DecorationSet {
  const lines = new RangeSetBuilder<Decoration>()
  let last = -1
  for (const { from, to } of view.visibleRanges)
    for (let at = from; at <= to; ) {
      const line = view.state.doc.lineAt(at)
      if (line.from > last) lines.add(line.from, line.from, own)
      last = line.from
      at = line.to + 1
    }
  return lines.finish()
}

const lines = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet
    constructor(view: EditorView) {
      this.decorations = visible(view)
    }
    update(update: ViewUpdate): void {
      if (update.docChanged || update.viewportChanged) this.decorations = visible(update.view)
    }
  },
  { decorations: (plugin) => plugin.decorations },
)

export function direction(text: string, language = ''): Extension {
  return runsBoth(text, language) ? [EditorView.perLineTextDirection.of(true), lines] : []
}
