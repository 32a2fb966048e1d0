// What was typed and is in no database yet outlives a reload, the back button and a browser that puts a page to sleep:
// it is kept in this tab, and only for who typed it.
import { onScopeDispose, reactive, ref, watch, type Ref } from 'vue'

const ROOM = 'scrivano.kept.'
let whose = ''

/** From now on what is kept belongs to this person; on a machine of one's own there is nobody to name. */
export function keepFor(person: string): void {
  whose = person
}

const keyOf = (name: string) => `${ROOM}${whose}/${name}`

export function kept<T>(name: string): T | undefined {
  try {
    const found = sessionStorage.getItem(keyOf(name))
    return found === null ? undefined : (JSON.parse(found) as T)
  } catch {
    return undefined
  }
}

/** Keep this under a name; without a value nothing is kept under it any more. */
export function keepAs(name: string, value?: unknown): void {
  try {
    if (value === undefined) sessionStorage.removeItem(keyOf(name))
    else sessionStorage.setItem(keyOf(name), JSON.stringify(value))
  } catch {
    // A full or forbidden storage: what was typed is still in the page.
  }
}

/** Nothing of anybody stays behind in the tab. */
export function forgetKept(): void {
  try {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(ROOM)) sessionStorage.removeItem(key)
  } catch {
    // Then there is nothing either.
  }
}

export interface Kept<T> {
  draft: T
  /** Whether there is anything in it that a fresh one would not have. */
  touched: Ref<boolean>
  /** Begin anew, with nothing kept. */
  forget: () => void
}

/** A form that is as it was left, until it is forgotten. */
export function useKept<T extends object>(name: string, fresh: () => T): Kept<T> {
  const blank = () => JSON.stringify(fresh())
  const before = kept<T>(name)
  const draft = reactive<T>({ ...fresh(), ...before }) as T
  const touched = ref(before !== undefined)
  const stop = watch(
    draft,
    () => {
      touched.value = JSON.stringify(draft) !== blank()
      keepAs(name, touched.value ? draft : undefined)
    },
    // At once: a moment later the page may be gone.
    { deep: true, flush: 'sync' },
  )
  onScopeDispose(stop)
  function forget(): void {
    Object.assign(draft, fresh())
    touched.value = false
    keepAs(name)
  }
  return { draft, touched, forget }
}
