import { afterEach, expect, test, vi } from 'vitest'
import { follow, parse, type ServerEvent } from '@/api/events'

afterEach(() => vi.restoreAllMocks())

function streamed(...chunks: string[]): Response {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk))
      controller.close()
    },
  })
  return new Response(body, { status: 200 })
}

const frame = (id: number, kind = 'step_started') => `id: ${id}\nevent: ${kind}\ndata: {"n":${id}}\n\n`

test('a frame is read, a comment is not an event', () => {
  expect(parse('id: 7\nevent: a\ndata: {"x":1}')).toEqual({ id: 7, kind: 'a', data: { x: 1 } })
  expect(parse(': still here')).toBeNull()
  expect(parse('retry: 1000')).toBeNull()
})

test('goes on where the line broke, and gives no event twice', async () => {
  const asked: (string | null)[] = []
  const answers = [
    streamed(frame(1), frame(2).slice(0, 9)),
    new Error('broken'),
    streamed(frame(1), frame(2)),
    streamed(frame(3), frame(4, 'run_succeeded')),
  ]
  vi.stubGlobal(
    'fetch',
    vi.fn(async (_path: string, init: RequestInit) => {
      asked.push(new Headers(init.headers).get('Last-Event-ID'))
      const answer = answers.shift()
      if (answer instanceof Error) throw answer
      return answer
    }),
  )
  vi.useFakeTimers({ shouldAdvanceTime: true, advanceTimeDelta: 500 })
  const events: ServerEvent[] = []
  await new Promise<void>((resolve) => {
    follow('/api/runs/x/events', { onEvent: (event) => events.push(event), onEnd: resolve })
  })
  vi.useRealTimers()
  expect(events.map((event) => event.id)).toEqual([1, 2, 3, 4])
  expect(asked).toEqual([null, '1', '1', '2'])
})

test('ends where the service refuses', async () => {
  vi.stubGlobal('fetch', vi.fn(async () => new Response('', { status: 404 })))
  await new Promise<void>((resolve) => follow('/api/runs/x/events', { onEvent: () => undefined, onEnd: resolve }))
  expect(fetch).toHaveBeenCalledTimes(1)
})

test('hears of a run that is resumed after it had ended', async () => {
  const asked: (string | null)[] = []
  const answers = [
    streamed(frame(1), frame(2, 'run_cancelled')),
    streamed(frame(3), frame(4, 'run_succeeded')),
    new Response(null, { status: 204 }),
  ]
  vi.stubGlobal(
    'fetch',
    vi.fn(async (_path: string, init: RequestInit) => {
      asked.push(new Headers(init.headers).get('Last-Event-ID'))
      return answers.shift()
    }),
  )
  vi.useFakeTimers({ shouldAdvanceTime: true, advanceTimeDelta: 500 })
  const events: number[] = []
  const broken = vi.fn()
  let ends = 0
  await new Promise<void>((resolve) => {
    const onEnd = () => void (++ends === 3 && resolve())
    follow('/api/runs/x/events', { lasting: true, onEvent: (event) => events.push(event.id), onConnected: (on) => on || broken(), onEnd })
  })
  vi.useRealTimers()
  expect(events).toEqual([1, 2, 3, 4])
  expect(asked).toEqual([null, '2', '4'])
  expect(broken).not.toHaveBeenCalled()
})
