// What the runs of a book are doing now: the text of each chapter as it grows, exactly as it was told.
import { computed, onScopeDispose, reactive, ref, watch, type Ref } from 'vue'
import { grown } from '@/api/grown'
import { follow, type Following, type ServerEvent } from '@/api/events'

export interface Growing {
  step: string
  round: number
  text: string
  words: number
}

export interface Doing {
  step: string
  item: string
}

export class LiveText {
  /** By chapter, the stretches of text that are being written, in the order in which they began. */
  readonly chapters = reactive(new Map<string, Growing[]>())
  readonly doing = reactive(new Map<string, Doing>())
  readonly spent = ref<{ cost: string; tokens: number; speed: number | null } | null>(null)

  note(event: ServerEvent): void {
    const { data } = event
    const item = String(data.item ?? data.chapter ?? '')
    const step = String(data.step ?? '')
    if (event.kind === 'step_started' && step !== 'approval') this.doing.set(`${step} ${item}`, { step, item })
    else if (event.kind === 'step_finished' || event.kind === 'step_failed') this.doing.delete(`${step} ${item}`)
    else if (event.kind === 'chapter_text') this.grow(item, step, data)
    else if (event.kind === 'model_answered')
      this.spent.value = {
        cost: String(data.run_cost_usd ?? '0'),
        tokens: Number(data.run_tokens ?? 0),
        speed: typeof data.tokens_per_second === 'number' ? data.tokens_per_second : null,
      }
  }

  private grow(item: string, step: string, data: Record<string, unknown>): void {
    if (typeof data.text !== 'string') return
    const round = Number(data.round ?? 0)
    const all = this.chapters.get(item) ?? []
    const found = all.find((part) => part.step === step && part.round === round)
    const text = grown(found?.text ?? '', Number(data.from ?? 0), data.text)
    const words = Number(data.words ?? 0)
    if (found) Object.assign(found, { text, words })
    else this.chapters.set(item, [...all, { step, round, text, words }])
  }

  clear(): void {
    this.chapters.clear()
    this.doing.clear()
    this.spent.value = null
  }
}

/** Follow these runs for as long as the page is shown. `heard` gets every event, for what the page has to ask anew. */
export function useLive(runs: Ref<string[]>, heard: (event: ServerEvent, run: string) => void) {
  const live = new LiveText()
  const streams = new Map<string, Following>()
  const broken = reactive(new Set<string>())

  watch(
    runs,
    (ids) => {
      for (const [id, stream] of streams) {
        if (ids.includes(id)) continue
        stream.close()
        streams.delete(id)
        broken.delete(id)
      }
      for (const id of ids) {
        if (streams.has(id)) continue
        const follower = {
          lasting: true,
          onEvent: (event: ServerEvent) => {
            live.note(event)
            heard(event, id)
          },
          onConnected: (connected: boolean) => void (connected ? broken.delete(id) : broken.add(id)),
          onEnd: () => {
            live.doing.clear()
            broken.delete(id)
          },
        }
        streams.set(id, follow(`/api/runs/${encodeURIComponent(id)}/events`, follower))
      }
    },
    { immediate: true },
  )
  onScopeDispose(() => streams.forEach((stream) => stream.close()))

  /** The chapter's text so far: its draft and what continues it; else what a later step makes of it. */
  function textOf(chapter: number): Growing | null {
    const parts = live.chapters.get(String(chapter)) ?? []
    const last = parts[parts.length - 1]
    if (!last) return null
    if (last.step !== 'continue_chapter') return last
    const draft = parts.filter((part) => part.step === 'write_chapter' || part.step === 'continue_chapter')
    return { ...last, text: draft.map((part) => part.text).join('\n\n'), words: draft.reduce((sum, part) => sum + part.words, 0) }
  }

  return { live, textOf, broken: computed(() => broken.size > 0) }
}
