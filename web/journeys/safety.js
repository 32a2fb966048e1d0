// Hostile text in every field that the studio's forms have, put there through the API, and every page visited:
// nothing executes, nothing is asked of other machines, no element comes into being, the policy is never hit.
import { Failed } from './browser.js'

const CALL = 'window.__executed=(window.__executed||0)+1'
export const CORPUS = [
  `<script>${CALL}</script>`,
  `<img src=x onerror="${CALL}">`,
  `<svg onload="${CALL}"><script>${CALL}</script><a href="javascript:${CALL}"><text>svg</text></a></svg>`,
  `<iframe srcdoc="<script>parent.${CALL}</script>"></iframe>`,
  `<a href="javascript:${CALL}">html link</a>`,
  `[markdown link](javascript:${CALL})`,
  `[data link](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)`,
  `![picture](x" onerror="${CALL})`,
  `![beacon](https://attacker.invalid/pixel.png)`,
  `<style>@import url(https://attacker.invalid/a.css);*{background:url(https://attacker.invalid/b)}</style>`,
  `<form action="https://attacker.invalid/"><button autofocus onfocus="${CALL}">form</button></form>`,
  `<math><mtext><table><mglyph><style><img src=x onerror="${CALL}"></style></mglyph></table></mtext></math>`,
  `<base href="https://attacker.invalid/"><meta http-equiv="refresh" content="0;url=https://attacker.invalid/">`,
  `"><img src=x onerror=${CALL}>`,
  `'-${CALL}-'`,
  `{{constructor.constructor('${CALL}')()}}`,
  `\`\`\`html\n<img src=x onerror="${CALL}">\n\`\`\``,
  `<details open ontoggle="${CALL}"><summary>s</summary></details><x id="app"></x><input name="attributes">`,
]
const ALL = CORPUS.join('\n\n')
const LINE = CORPUS.filter((one) => !one.includes('\n')).join(' ')
const braced = (text) => text.replaceAll('{{', '\\{{')

/** Fill what has fields; gives the addresses of what was made. Things have to be made; a field may be refused as invalid: then it is nowhere. */
async function fill(request, base, size) {
  const stamp = `${size}${Date.now().toString(36)}`
  const made = []
  const send = async (method, path, data) => {
    const answer = await request.fetch(base + path, { method, data })
    if (answer.status() >= 500) throw new Failed(`${method} ${path} answered ${answer.status()}`)
    return answer.ok() && answer.status() !== 204 ? answer.json() : null
  }
  const must = async (method, path, data, more = {}) => {
    const answer = await request.fetch(base + path, { method, ...(data === undefined ? {} : { data }), ...more })
    if (!answer.ok()) throw new Failed(`${method} ${path} answered ${answer.status()}: ${(await answer.text()).slice(0, 400)}`)
    return answer.status() === 204 ? null : answer.json()
  }
  /** What a run makes, once it has; `ready` looks at it. */
  const madeBy = async (path, ready) => {
    for (let n = 0; n < 300; n++) {
      const now = await send('GET', path)
      if (now && ready(now)) return now
      await new Promise((again) => setTimeout(again, 200))
    }
    throw new Failed(`${path} was never made`)
  }
  const post = await send('POST', '/api/posts', { topic: ALL, title: LINE.slice(0, 190) })
  if (!post) throw new Failed('no post was made')
  const path = `/api/posts/${post.id}`
  for (const url of ['https://example.org/"><img src=x onerror=1>', `https://example.org/#${encodeURIComponent(CORPUS[1])}`, 'javascript:alert(1)'])
    await send('POST', `${path}/sources`, { url, title: LINE.slice(0, 480), excerpt: ALL })
  let revision = 1
  const put = async (fields) => {
    const now = await send('PATCH', path, { revision, fields })
    if (now) revision = now.revision
  }
  for (const name of ['audience', 'tone', 'language', 'author', 'angle', 'summary', 'slug', 'image_prompt', 'image_alt']) await put({ [name]: LINE.slice(0, 1900) })
  for (const name of ['questions', 'tags', 'social', 'title_variants', 'link_report']) await put({ [name]: CORPUS.map((one) => one.replaceAll('\n', ' ')) })
  await put({ outline: CORPUS.map((one) => ({ heading: one.slice(0, 290), points: [one], sources: [1] })) })
  await put({ findings: CORPUS.map((one) => ({ quote: one, problem: one, fix: one })) })
  await put({ body: `# ${LINE}\n\n${ALL}\n\n[^1]` })
  await put({ body: `${ALL}\n\nanother version` })
  made.push(`/posts/${post.id}`, '/posts')

  const name = `x_${stamp}`
  const variables = { v: { type: 'text', help: LINE, required: false, default: ALL, choices: [] }, c: { type: 'choice', help: LINE, required: false, default: null, choices: CORPUS.slice(0, 3) } }
  const about = { description: LINE, tags: [LINE.slice(0, 78).replace(/^\s/, '')], note: LINE }
  const part = await send('POST', '/api/prompt-parts', { name, kind: 'style', ...about, content: { text: braced(ALL), variables } })
  const template = await send('POST', '/api/prompt-templates', {
    name,
    ...about,
    content: { variables, messages: [{ role: 'system', content: [{ part: name }] }, { role: 'user', content: [{ text: `${braced(ALL)}\n{{ v }}` }] }] },
  })
  if (!part || !template) throw new Failed('no prompt was made')
  made.push('/prompts', '/prompts?of=parts', `/prompts/parts/${name}`, `/prompts/templates/${name}`)

  const task = await send('POST', '/api/tasks', { name: LINE.slice(0, 190), messages: [{ role: 'user', content: ALL }] })
  const group = await send('POST', '/api/comparisons', { task: { template: name, variables: { v: ALL } }, inputs: [{}, { v: LINE }], variants: [{ label: LINE.slice(0, 78) }, { label: CORPUS[1].slice(0, 78) }] })
  if (!task || !group) throw new Failed('no task was made')
  await send('PUT', `/api/tasks/${task.id}/verdict`, { rating: 3, comment: ALL })
  made.push(`/tasks?task=${task.id}`, `/tasks/new?group=${group.group_id}`, `/tasks/new?again=${task.id}`)

  // A book that a model plans, and a manuscript with hostile chapters, remarks, versions and a proposal.
  const short = LINE.slice(0, 190).trim()
  const book = await must('POST', '/api/books', {
    brief: { kind: 'fiction', premise: ALL, title: short, subtitle: short, author: short, audience: short, tone: short, notes: ALL, words: 500, chapters: 1, approve_outline: true },
  })
  const manuscript = await must('POST', '/api/books/import', undefined, {
    multipart: { file: { name: 'x.md', mimeType: 'text/markdown', buffer: Buffer.from(`# One\n\n${ALL}\n\n# Two\n\n${ALL}\n`) }, title: short, author: short },
  })
  const chapter = `/api/books/${manuscript.id}/chapters/1`
  const now = await must('PUT', chapter, { text: `A sentence to speak of.\n\n${ALL}`, title: short, note: short, expected_number: 1 })
  const said = await must('POST', `/api/documents/${now.document_id}/comments`, { quote: 'A sentence to speak of.', body: ALL })
  await must('POST', `/api/documents/${now.document_id}/comments/${said.id}/replies`, { body: ALL })
  await must('POST', `/api/documents/${now.document_id}/proposals`, { text: `Another sentence.\n\n${ALL}`, note: short, base_number: now.version })
  made.push(`/books/${book.id}`, '/books', `/books/${manuscript.id}`, `/books/${manuscript.id}/chapters/1`)

  const song = await must('POST', '/api/music/arrangements', { title: short, request: { description: `a slow waltz in C ${CORPUS[1]}` } })
  await madeBy(`/api/music/arrangements/${song.id}`, (one) => one.arrangement)
  await must('PATCH', `/api/music/arrangements/${song.id}`, { title: LINE.slice(0, 290).trim() })
  made.push(`/music/${song.id}`, '/music', '/music/taste')

  const named = encodeURIComponent('<img src=x onerror=1>.md')
  const reference = await must('POST', `/api/references?name=${stamp}${named}`, `# ${LINE}\n\n${ALL}`, { headers: { 'Content-Type': 'application/octet-stream' } })
  await madeBy(`/api/references/${reference.id}`, (one) => one.status !== 'converting')
  await must('PATCH', `/api/references/${reference.id}`, { title: short })
  made.push('/references', `/references/${reference.id}`)

  const rows = CORPUS.map((one, n) => ({ name: `${n} ${one}`.replaceAll('\n', ' ').slice(0, 190), variables: { v: one }, expectations: [{ kind: 'contains', text: one }] }))
  const set = await must('POST', '/api/datasets', { name: `${stamp} ${short}`.slice(0, 190), description: ALL.slice(0, 1_900), items: rows })
  made.push('/prompts/data-sets', `/prompts/data-sets/${set.id}`)

  await must('POST', '/api/projects', { name: `${stamp} ${LINE}`.slice(0, 150).trim(), description: ALL })
  await must('POST', '/api/providers', { name: `${stamp} ${CORPUS[1]}`.slice(0, 190), kind: 'openai_compatible', base_url: `http://127.0.0.1:${size === 'wide' ? 9 : 10}/${stamp}` })
  await must('POST', '/api/webhooks', { url: `https://example.org/${stamp}`, description: short })
  made.push('/', '/models', '/usage', '/settings', '/training')
  return made
}

/** Marks of execution, of markup that came out of text, of a policy that was hit. */
const LOOK = () => ({
  executed: window.__executed ?? 0,
  // Our own pictures and links come from the service's own addresses.
  strange: [...document.querySelectorAll('#app script, #app iframe, #app base, #app meta, #app form[action^="http"], [onerror], [onload], [onfocus], [ontoggle], a[href^="javascript:" i], a[href^="data:" i], img[src^="http"], img[src="x"]')]
    .filter((one) => !(one instanceof HTMLImageElement && one.src.startsWith(location.origin) && !one.src.endsWith('/x')))
    .filter((one) => !(one instanceof HTMLIFrameElement && one.src.startsWith(location.origin)))
    .map((one) => one.outerHTML.slice(0, 120)),
  violations: window.__violations ?? [],
})

export default async function journey(visit) {
  const { page, size, base } = visit
  await page.addInitScript(() => {
    window.__violations = []
    document.addEventListener('securitypolicyviolation', (event) => window.__violations.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`))
  })
  page.on('dialog', (dialog) => {
    visit.errors.push(`a dialog opened: ${dialog.message()}`)
    void dialog.dismiss()
  })
  const inspect = async (where) => {
    const seen = await page.evaluate(LOOK)
    if (seen.executed) throw new Failed(`${where} (${size}): something executed`)
    if (seen.strange.length) throw new Failed(`${where} (${size}): text became markup: ${seen.strange.join(' | ')}`)
    if (seen.violations.length) throw new Failed(`${where} (${size}): the content security policy was hit: ${seen.violations.join(' | ')}`)
  }
  await page.goto('/')
  for (const path of await fill(page.request, base, size)) {
    await page.goto(path)
    await page.locator('main h1, main h2').first().waitFor({ state: 'attached' })
    await inspect(path)
    // What lies behind tabs, stages and folds is part of the page.
    for (const role of ['tab', 'summary']) {
      const all = role === 'tab' ? page.getByRole('tab') : page.locator('main summary')
      for (let n = 0; n < Math.min(await all.count(), 12); n++) {
        await all.nth(n).dispatchEvent('click').catch(() => {})
        await inspect(`${path}, ${role} ${n + 1}`)
      }
    }
    if (path.startsWith('/posts/')) {
      for (let n = 0, all = page.getByRole('navigation', { name: 'Stages of the post' }).getByRole('button'); n < (await all.count()); n++) {
        await all.nth(n).dispatchEvent('click')
        await inspect(`${path}, stage ${n + 1}`)
        for (const read of await page.getByRole('button', { name: 'Read', exact: true }).all()) {
          await read.dispatchEvent('click')
          await inspect(`${path}, stage ${n + 1}, read`)
        }
      }
      await page.getByRole('tab', { name: 'History' }).click()
      const older = page.getByRole('button', { name: /^Version 1/ })
      await older.click()
      await page.locator('[role=dialog] .diff').waitFor()
      await inspect(`${path}, comparison`)
    }
  }
  // Refused pages of hostile calls and pictures that are none may stand in the console; nothing else.
  visit.errors = visit.errors.filter((error) => !/Failed to load resource/.test(error))
}
