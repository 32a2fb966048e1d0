// Keys that do something anywhere: two in a row ("g b"), or one. Not while somebody writes.
import { onScopeDispose, reactive } from 'vue'

export interface Shortcut {
  keys: string
  title: string
  run: (event: KeyboardEvent) => unknown
}

export interface ShortcutGroup {
  title: string
  shortcuts: Shortcut[]
}

/** All groups that hold just now, for the list that `?` opens. */
export const groups = reactive<ShortcutGroup[]>([])
const PATIENCE = 1200

/** Keys of this component, for as long as it lives. `title` is a function, as the language may change. */
export function useShortcuts(title: () => string, shortcuts: () => Shortcut[]): void {
  const group = {
    get title() {
      return title()
    },
    get shortcuts() {
      return shortcuts()
    },
  }
  groups.push(group)
  onScopeDispose(() => {
    const at = groups.findIndex((one) => one.title === group.title)
    if (at >= 0) groups.splice(at, 1)
  })
}

let before = ''
let timer = 0

/** Whether somebody writes here, or a dialog or list has the keys. */
export function writes(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && !!target.closest('input, textarea, select, [contenteditable], [role=dialog], [role=menu], [role=listbox], .cm-editor')
}

export function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || writes(event.target)) return
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
  const typed = before ? `${before} ${key}` : key
  const all = groups.flatMap((group) => group.shortcuts)
  const found = all.find((one) => one.keys === typed) ?? all.find((one) => one.keys === key)
  window.clearTimeout(timer)
  before = ''
  if (found) {
    event.preventDefault()
    found.run(event)
  } else if (all.some((one) => one.keys.startsWith(`${key} `))) {
    before = key
    timer = window.setTimeout(() => (before = ''), PATIENCE)
  }
}
