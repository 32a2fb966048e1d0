import { effectScope } from 'vue'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { useGrace } from '@/ui/grace'
import { LASTS, toasts } from '@/ui/toasts'

describe('what cannot be undone', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => {
    vi.useRealTimers()
    toasts.value = []
  })

  it('is told at once and done when its notice is gone', async () => {
    const act = vi.fn(() => Promise.resolve())
    const grace = effectScope().run(() => useGrace())!
    grace.later('a', 'Forgotten.', act)
    expect([...grace.pending.value]).toEqual(['a'])
    expect(act).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(LASTS)
    expect(act).toHaveBeenCalledWith(false)
    expect(grace.pending.value.size).toBe(0)
  })

  it('is not done where it was taken back', async () => {
    const act = vi.fn(() => Promise.resolve())
    const grace = effectScope().run(() => useGrace())!
    grace.later('a', 'Forgotten.', act)
    toasts.value[0]?.undo?.()
    await vi.advanceTimersByTimeAsync(2 * LASTS)
    expect(act).not.toHaveBeenCalled()
    expect(grace.pending.value.size).toBe(0)
  })

  it('is done at once where the page or the window is left', () => {
    const [one, two] = [vi.fn(() => Promise.resolve()), vi.fn(() => Promise.resolve())]
    const scope = effectScope()
    const grace = scope.run(() => useGrace())!
    grace.later('a', 'Forgotten.', one)
    window.dispatchEvent(new Event('pagehide'))
    expect(one).toHaveBeenCalledWith(true)
    grace.later('b', 'Forgotten.', two)
    scope.stop()
    expect(two).toHaveBeenCalledWith(false)
    expect(toasts.value).toEqual([])
  })
})
