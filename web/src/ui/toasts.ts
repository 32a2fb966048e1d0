// Short notices that go by themselves, with a way back where there is one.
import { ref } from 'vue'

export interface Toast {
  id: number
  text: string
  undo?: () => unknown
}

export const toasts = ref<Toast[]>([])
/** How long a notice is shown, and so how long what it tells can be taken back, in milliseconds. */
export const LASTS = 8_000
let count = 0

/** Tell what was done. With `undo` the notice offers to take it back while it is shown. */
export function tell(text: string, undo?: () => unknown): void {
  const id = ++count
  toasts.value = [...toasts.value.slice(-2), { id, text, undo }]
  setTimeout(() => dismiss(id), LASTS)
}

export function dismiss(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id)
}
