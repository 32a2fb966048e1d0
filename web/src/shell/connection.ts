// Whether the service answers: told by every request, asked of /healthz while it does not.
import { ref } from 'vue'
import { reached } from '@/api/client'

export const connected = ref(true)
export const cameBack = ref(false)
let asking = false

reached.addEventListener('silence', () => void lost())
reached.addEventListener('answer', () => {
  connected.value = true
})
window.addEventListener('offline', () => void lost())

async function lost(): Promise<void> {
  connected.value = false
  if (asking) return
  asking = true
  for (let wait = 500; ; wait = Math.min(wait * 2, 8000)) {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, wait)
      window.addEventListener('online', () => (clearTimeout(timer), resolve()), { once: true })
    })
    const answer = await fetch('/healthz', { cache: 'no-store' }).catch(() => null)
    if (answer?.ok) break
  }
  asking = false
  connected.value = true
  cameBack.value = true
  window.dispatchEvent(new Event('scrivano:back'))
  setTimeout(() => (cameBack.value = false), 4000)
}
