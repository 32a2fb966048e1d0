// Server-sent events that go on where they broke off, and end when the run does.
export interface ServerEvent {
  id: number
  kind: string
  data: Record<string, unknown>
}

const KINDS_THAT_END = new Set(['run_succeeded', 'run_failed', 'run_cancelled'])
const PAUSES = [500, 1000, 2000, 4000, 8000]

export interface Following {
  close(): void
}

export interface Follower {
  onEvent(event: ServerEvent): void
  onConnected?(connected: boolean): void
  onEnd?(): void
  /** Go on after an end as well, until it is closed: a run that was stopped or failed may be resumed. */
  lasting?: boolean
}

/**
 * Every event of the stream at `path` with an id above `after`, each once and in order, also when the connection
 * breaks or the service starts anew. `fetch` rather than EventSource: it tells a refusal from a broken line.
 */
export function follow(path: string, follower: Follower, after = 0): Following {
  const stop = new AbortController()
  let last = after
  let failures = 0
  let over = false

  async function read(): Promise<boolean> {
    const response = await fetch(path, {
      headers: { Accept: 'text/event-stream', ...(last ? { 'Last-Event-ID': String(last) } : {}) },
      signal: stop.signal,
      cache: 'no-store',
    })
    // 204: all was told, and nothing more will come.
    if (response.status === 204 || response.status === 404 || response.status === 403 || response.status === 401) return true
    if (!response.ok || !response.body) throw new Error(`stream answered ${response.status}`)
    follower.onConnected?.(true)
    failures = 0
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
    let rest = ''
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return false
      rest += value
      const frames = rest.split('\n\n')
      rest = frames.pop() ?? ''
      for (const frame of frames) {
        const event = parse(frame)
        if (!event || event.id <= last) continue
        last = event.id
        follower.onEvent(event)
        over = KINDS_THAT_END.has(event.kind)
        if (over && !follower.lasting) return true
        if (over) follower.onEnd?.()
      }
    }
  }

  async function keepOn(): Promise<void> {
    while (!stop.signal.aborted) {
      try {
        if (await read()) {
          follower.onEnd?.()
          return
        }
      } catch {
        if (stop.signal.aborted) return
      }
      if (!over) follower.onConnected?.(false)
      await pause(PAUSES[Math.min(failures++, PAUSES.length - 1)] ?? 8000, stop.signal)
    }
  }

  void keepOn()
  return { close: () => stop.abort() }
}

/** One frame of the stream; null where it is a comment or carries no id. */
export function parse(frame: string): ServerEvent | null {
  let id = 0
  let kind = 'message'
  const data: string[] = []
  for (const line of frame.split('\n')) {
    if (line.startsWith('id:')) id = Number(line.slice(3).trim())
    else if (line.startsWith('event:')) kind = line.slice(6).trim()
    else if (line.startsWith('data:')) data.push(line.slice(5).trimStart())
  }
  if (!id || data.length === 0) return null
  return { id, kind, data: JSON.parse(data.join('\n')) as Record<string, unknown> }
}

/** Wait, but no longer once the network is back or nobody listens any more. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      window.removeEventListener('online', done)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    window.addEventListener('online', done)
    signal.addEventListener('abort', done)
  })
}
