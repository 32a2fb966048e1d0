// What cannot be undone is done once it can no longer be taken back: when its notice is gone, or the page is left.
import { onScopeDispose, shallowRef } from 'vue'
import { dismiss, LASTS, tell, toasts } from './toasts'

interface Waiting {
  key: string
  timer: ReturnType<typeof setTimeout>
  act: (leaving: boolean) => Promise<unknown>
  after?: () => unknown
}

/** `pending` are the keys of what is told as done and can still be taken back; the page shows it as done already. */
export function useGrace() {
  const waiting = new Map<string, Waiting>()
  const pending = shallowRef<ReadonlySet<string>>(new Set())
  const told = () => (pending.value = new Set(waiting.keys()))

  function take(key: string): Waiting | undefined {
    const one = waiting.get(key)
    if (one) clearTimeout(one.timer)
    return one
  }
  async function carryOut(key: string, leaving = false): Promise<void> {
    const one = take(key)
    if (!one) return
    waiting.delete(key)
    try {
      await one.act(leaving)
      await one.after?.()
    } catch (failure) {
      if (failure instanceof Error) tell(failure.message)
    } finally {
      told()
    }
  }
  function later(key: string, text: string, act: Waiting['act'], after?: Waiting['after']): void {
    waiting.set(key, { key, act, after, timer: setTimeout(() => void carryOut(key), LASTS) })
    told()
    tell(text, () => {
      if (take(key)) waiting.delete(key)
      told()
    })
  }
  /** All of it now. With `leaving` the window is about to close. */
  function flush(leaving = false): void {
    for (const key of [...waiting.keys()]) void carryOut(key, leaving)
    // Nothing can be taken back any more.
    for (const toast of toasts.value) if (toast.undo) dismiss(toast.id)
  }
  const leave = () => flush(true)
  window.addEventListener('pagehide', leave)
  onScopeDispose(() => {
    window.removeEventListener('pagehide', leave)
    if (waiting.size) flush()
  })
  return { pending, later, flush }
}
