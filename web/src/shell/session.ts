// Who is here: nobody to ask on one's own machine, else a person with a session.
import { computed, shallowRef } from 'vue'
import { api, reached, take, useForgeryToken, type Schemas } from '@/api/client'
import { forgetKept, keepFor } from '@/api/kept'

export const ways = shallowRef<Schemas['Ways'] | null>(null)
export const person = shallowRef<Schemas['PersonView'] | null>(null)
export const known = shallowRef(false)
/** Whether somebody has to sign in before anything else can be shown. */
export const shut = computed(() => known.value && !!ways.value?.needed && person.value === null)

const administrator = shallowRef(true)

/** What the one who looks at the page is to this installation. Without sign-in they are everything. */
export function useCaller() {
  return {
    administers: computed(() => (person.value ? person.value.role === 'administrator' : administrator.value)),
    signedIn: computed(() => person.value !== null),
  }
}

/** Ask the service once who is here; again after signing in or out. */
export async function meet(): Promise<void> {
  ways.value = await take(api.GET('/api/sign-in'))
  const { data } = ways.value.needed ? await api.GET('/api/sessions/current') : { data: undefined }
  person.value = data?.person ?? null
  keepFor(person.value?.id ?? '')
  administrator.value = data?.administrator ?? !ways.value.needed
  useForgeryToken(data?.csrf_token ?? '')
  known.value = true
}

export function enter(entered: Schemas['Entered']): void {
  keepFor(entered.person.id)
  person.value = entered.person
  useForgeryToken(entered.csrf_token)
}

export async function leave(): Promise<void> {
  await take(api.DELETE('/api/sessions/current'))
  forgetKept()
  person.value = null
  useForgeryToken('')
}

// A session that ended elsewhere, or by age, shows with the next answer.
reached.addEventListener('answer', (event) => {
  if ((event as CustomEvent<number>).detail === 401 && ways.value?.needed) person.value = null
})
