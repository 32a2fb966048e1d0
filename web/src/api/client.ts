// The one door to the service: typed by openapi.json, errors as the problems of RFC 9457.
import createClient, { type Middleware } from 'openapi-fetch'
import { placed } from './project'
import type { components, paths } from './schema'

export type Schemas = components['schemas']
export type { paths }

export class Problem extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly field?: string,
    readonly remedy?: string,
    readonly type?: string,
  ) {
    super(message)
    this.name = 'Problem'
  }
}

/** The service cannot be reached at all; `useConnection` tells the person and tries again. */
export class Unreachable extends Error {
  constructor() {
    super('The service does not answer.')
    this.name = 'Unreachable'
  }
}

let forgeryToken = ''

/** The token that goes with every request that changes something, as the session gave it. */
export function useForgeryToken(token: string): void {
  forgeryToken = token
}

export const reached = new EventTarget()

const guard: Middleware = {
  async onRequest({ request, schemaPath }) {
    if (forgeryToken && request.method !== 'GET') request.headers.set('X-CSRF-Token', forgeryToken)
    return placed(request, schemaPath)
  },
  onResponse({ response }) {
    reached.dispatchEvent(new CustomEvent('answer', { detail: response.status }))
  },
  onError() {
    reached.dispatchEvent(new CustomEvent('silence'))
    return new Unreachable()
  },
}

export const api = createClient<paths>({ baseUrl: '', credentials: 'same-origin' })
api.use(guard)

interface Told {
  detail?: unknown
  title?: string
  field?: string
  remedy?: string
  type?: string
}

/** The data of an answer, or a Problem thrown. */
export async function take<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await call
  if (response.ok) return data as T
  const told = (error ?? {}) as Told
  const message = typeof told.detail === 'string' ? told.detail : (told.title ?? `The service answered ${response.status}.`)
  throw new Problem(response.status, message, told.field, told.remedy, told.type)
}
