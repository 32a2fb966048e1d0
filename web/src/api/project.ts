// The project in which everything is listed and made. Chosen in the shell; every call follows it.
import { ref } from 'vue'
import { IN_BODY, IN_QUERY } from './placed'

export const DEFAULT_PROJECT = '00000000-0000-7000-8000-000000000001'
const KEY = 'scrivano.project'

function stored(): string | null {
  try {
    return sessionStorage.getItem(KEY) ?? localStorage.getItem(KEY)
  } catch {
    return null
  }
}

/** The chosen project's id. */
export const project = ref(stored() ?? DEFAULT_PROJECT)

/** Choose a project: for this tab, and for tabs that are opened later. */
export function chooseProject(id: string): void {
  project.value = id
  try {
    sessionStorage.setItem(KEY, id)
    localStorage.setItem(KEY, id)
  } catch {
    // Chosen for this page only.
  }
}

/** The request with the chosen project in it, where the call takes one and none was named. */
export async function placed(request: Request, schemaPath: string): Promise<Request> {
  const call = `${request.method} ${schemaPath}`
  if (IN_QUERY.has(call)) {
    const url = new URL(request.url)
    if (url.searchParams.has('project_id')) return request
    url.searchParams.set('project_id', project.value)
    return rebuilt(url.href, request, request.body ? await request.clone().blob() : undefined)
  }
  if (IN_BODY.has(call)) {
    const body = JSON.parse((await request.clone().text()) || '{}') as Record<string, unknown>
    if (body.project_id) return request
    return rebuilt(request.url, request, JSON.stringify({ ...body, project_id: project.value }))
  }
  return request
}

function rebuilt(url: string, request: Request, body: BodyInit | undefined): Request {
  return new Request(url, {
    method: request.method,
    headers: request.headers,
    credentials: request.credentials,
    signal: request.signal,
    body,
  })
}
