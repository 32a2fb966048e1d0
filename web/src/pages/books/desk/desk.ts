// One chapter on the desk: its newest version, the draft over it, saving on top of what was read.
import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { useEventListener } from '@vueuse/core'
import { computed, ref, shallowReactive, shallowRef, watch, type Ref } from 'vue'
import { api, Problem, take, Unreachable, type Schemas } from '@/api/client'
import { keepAs, kept } from '@/api/kept'
import { t } from '@/strings'
import { tell } from '@/ui/toasts'
import { merge } from './merging'

export type Chapter = Schemas['ChapterView']

/** Text that is not saved: it outlives a walk through the studio and a reload, until it is saved or the tab is closed. */
interface Draft {
  base: Chapter
  text: string
  title: string
}
const drafts = shallowReactive(new Map<string, Draft>())
const nameOf = (document: string) => `chapter/${document}`

function hold(document: string, draft: Draft): void {
  drafts.set(document, draft)
  keepAs(nameOf(document), draft)
}
function drop(document: string): void {
  drafts.delete(document)
  keepAs(nameOf(document))
}
/** What was typed before the page was loaded anew stands on the desk again. */
function pickUp(document: string): void {
  const found = drafts.has(document) ? undefined : kept<Draft>(nameOf(document))
  if (!found?.base) return
  drafts.set(document, found)
  tell(t().desk.kept)
}

/** Whether anything is unsaved anywhere in the studio; asked when the page is about to be left. */
window.addEventListener('beforeunload', (event) => {
  if (drafts.size) event.preventDefault()
})

export interface Conflict {
  theirs: Chapter
  mine: string
  title: string
  base: string
  /** What the merge view begins with: mine, and theirs where mine is as it was. */
  merged: string
  disputed: number
  joined: number
  baseVersion: number
  /** The proposal that is being merged by hand, if it is one. */
  proposal?: string
}

export type Desk = ReturnType<typeof useDesk>

export function useDesk(bookId: Ref<string>, number: Ref<number>) {
  const queries = useQueryClient()
  const path = () => ({ book_id: bookId.value, number: number.value })
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['chapter', bookId, number],
    queryFn: () => take(api.GET('/api/books/{book_id}/chapters/{number}', { params: { path: path() } })),
    // Somebody else may save; what they saved is told, and never put over a draft.
    refetchInterval: 10_000,
    retry: (failures, problem) => !(problem instanceof Problem) && failures < 5,
  })
  const absent = computed(() => error.value instanceof Problem && error.value.status === 404)

  const chapter = computed(() => data.value)
  const id = computed(() => chapter.value?.document_id ?? '')
  watch(id, (document) => document && pickUp(document), { immediate: true })
  const draft = computed(() => drafts.get(id.value))
  const dirty = computed(() => draft.value !== undefined)
  const base = computed(() => draft.value?.base ?? chapter.value)
  const newer = computed(() => (draft.value && chapter.value && chapter.value.version > draft.value.base.version ? chapter.value : null))
  const conflict = shallowRef<Conflict | null>(null)
  const saving = ref(false)
  const problem = shallowRef<unknown>(null)
  watch([bookId, number], () => {
    conflict.value = null
    problem.value = null
  })

  function write(text: string, title: string): void {
    const on = base.value
    if (!on) return
    if (text === on.text && title === on.title) drop(on.document_id)
    else hold(on.document_id, { base: on, text, title })
  }

  function discard(): void {
    const gone = draft.value
    if (!gone) return
    const key = gone.base.document_id
    drop(key)
    tell(t().desk.discarded, () => hold(key, gone))
  }

  /** The newest version in all that shows this chapter. */
  function stand(saved: Chapter): void {
    queries.setQueryData(['chapter', bookId.value, saved.number], saved)
    for (const key of ['chapters', 'versions', 'proposals', 'comments', 'lineage', 'files'])
      void queries.invalidateQueries({ queryKey: [key] })
  }

  function put(on: number, text: string, title: string): Promise<Chapter> {
    return take(
      api.PUT('/api/books/{book_id}/chapters/{number}', {
        params: { path: path(), header: { 'if-match': `"${on}"` } },
        body: { text, title, note: '' },
      }),
    )
  }

  /** Save the draft; true where nothing is left unsaved. A newer version opens the comparison instead. */
  async function save(): Promise<boolean> {
    const mine = draft.value
    if (!mine) return true
    if (saving.value) return false
    saving.value = true
    problem.value = null
    try {
      const saved = await put(mine.base.version, mine.text, mine.title)
      // What was typed while it was being saved is a draft over the version that was made.
      const now = drafts.get(saved.document_id)
      if (!now || (now.text === mine.text && now.title === mine.title)) drop(saved.document_id)
      else hold(saved.document_id, { ...now, base: saved })
      stand(saved)
      tell(t().desk.savedAs(saved.version))
      return drafts.get(saved.document_id) === undefined
    } catch (failure) {
      if (failure instanceof Problem && failure.status === 409) await meet()
      else problem.value = failure
      return false
    } finally {
      saving.value = false
    }
  }

  // What was to be saved while the service was away is saved as soon as it is back.
  useEventListener(window, 'scrivano:back', () => void (problem.value instanceof Unreachable && !conflict.value && save()))

  /** Put the draft beside what somebody else saved meanwhile. */
  async function meet(): Promise<void> {
    const { data: theirs } = await refetch()
    const mine = draft.value
    if (!theirs || !mine) return
    if (theirs.text === mine.text && theirs.title === mine.title) {
      // It was saved after all, and only the answer was lost on the way.
      drop(theirs.document_id)
      stand(theirs)
      tell(t().desk.savedAs(theirs.version))
      return
    }
    const { text, disputed, joined } = merge(mine.base.text, mine.text, theirs.text)
    conflict.value = {
      theirs,
      mine: mine.text,
      title: mine.title === mine.base.title ? theirs.title : mine.title,
      base: mine.base.text,
      merged: text,
      disputed,
      joined,
      baseVersion: mine.base.version,
    }
  }

  /** Save what came of the comparison on top of theirs. */
  async function settle(text: string): Promise<void> {
    const met = conflict.value
    if (!met) return
    saving.value = true
    problem.value = null
    try {
      const saved =
        !met.proposal && text === met.theirs.text && met.title === met.theirs.title ? met.theirs : await put(met.theirs.version, text, met.title)
      drop(saved.document_id)
      conflict.value = null
      if (met.proposal) await reject(met.proposal, saved.document_id)
      stand(saved)
      tell(t().desk.savedAs(saved.version))
    } catch (failure) {
      if (failure instanceof Problem && failure.status === 409) {
        // Somebody was quicker once more: what was merged becomes the draft, over what it was merged with.
        hold(met.theirs.document_id, { base: met.theirs, text, title: met.title })
        await meet()
      } else problem.value = failure
    } finally {
      saving.value = false
    }
  }

  function compare(met: Conflict): void {
    conflict.value = met
  }

  function leaveComparison(): void {
    conflict.value = null
  }

  /** Go on writing with what was merged so far, over the version that it was merged with. */
  function adopt(text: string): void {
    const met = conflict.value
    if (!met) return
    const on = met.proposal ? (chapter.value ?? met.theirs) : met.theirs
    hold(on.document_id, { base: on, text, title: met.title })
    conflict.value = null
  }

  /** Leave the draft as a proposal beside what somebody else saved. */
  async function propose(text: string): Promise<void> {
    const met = conflict.value
    if (!met) return
    try {
      await take(
        api.POST('/api/documents/{document_id}/proposals', {
          params: { path: { document_id: met.theirs.document_id } },
          body: { text, base_number: met.theirs.version, note: '' },
        }),
      )
      drop(met.theirs.document_id)
      conflict.value = null
      stand(met.theirs)
      tell(t().desk.conflict.proposed)
    } catch (failure) {
      problem.value = failure
    }
  }

  async function reject(proposal: string, document: string): Promise<void> {
    const params = { path: { document_id: document, proposal_id: proposal } }
    await take(api.POST('/api/documents/{document_id}/proposals/{proposal_id}/reject', { params }))
  }

  return {
    bookId,
    number,
    chapter,
    absent,
    error: computed(() => (absent.value ? null : error.value)),
    isPending,
    refetch,
    draft,
    dirty,
    base,
    newer,
    conflict,
    saving,
    problem,
    write,
    discard,
    save,
    meet,
    adopt,
    compare,
    leaveComparison,
    settle,
    propose,
    reject,
    stand,
  }
}
