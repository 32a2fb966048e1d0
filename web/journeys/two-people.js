// Two people edit one chapter: the second to save meets the conflict, sees both texts, merges, and nothing is lost.
// Then a proposal beside a person's text is taken over in part. two-people BOOK
import { Failed } from './browser.js'
import { hands } from './hands.js'

export default async function journey(visit) {
  const { page, size, base, check } = visit
  const [book] = visit.args
  const number = size === 'wide' ? 1 : 2
  const address = `/books/${book}/chapters/${number}`
  const text = async () => (await (await page.request.get(`/api/books/${book}/chapters/${number}`)).json()).text
  const before = await text()
  const ada = hands(visit, size === 'wide' ? 'keyboard' : 'touch')
  const other = await page.context().browser().newContext({ baseURL: base, locale: 'en-US', viewport: page.viewportSize() })
  const bens = await other.newPage()
  bens.setDefaultTimeout(60_000)
  const ben = hands({ page: bens, size }, size === 'wide' ? 'keyboard' : 'touch')

  // Both begin with the same version.
  await page.goto(address)
  await bens.goto(address)
  const adas = page.locator('.cm-content')
  const bensText = bens.locator('.cm-content')
  await adas.waitFor()
  await bensText.waitFor()
  await ben.write(bensText, 'Ben adds the last word.')
  await ben.write(bensText, 'Ben begins: ', 'Control+Home')
  await ben.save(bensText)
  await bens.getByText(/Version \d+, by you/).waitFor()
  await bens.getByText('Not saved yet').waitFor({ state: 'detached' })

  await ada.write(adas, 'Ada begins: ', 'Control+Home')
  await page.getByText('Not saved yet').waitFor()
  await ada.save(adas)
  await page.getByRole('heading', { name: 'Two people changed this chapter' }).waitFor()
  await page.getByText('In one place both of you wrote something else.').waitFor()
  await page.getByText('One change of theirs is already in your text.').waitFor()
  await page.locator('.merge .cm-content').first().waitFor()
  const shown = await page.locator('.merge').innerText()
  for (const wanted of ['Ada begins:', 'Ben begins:', 'Ben adds the last word.'])
    if (!shown.includes(wanted)) throw new Failed(`${size}: the comparison does not show “${wanted}”`)
  await check()
  await ada.press(page.getByRole('button', { name: 'Save this text' }))
  await page.getByRole('heading', { name: 'Two people changed this chapter' }).waitFor({ state: 'detached' })
  await page.locator('.cm-content').filter({ hasText: 'Ada begins:' }).waitFor()
  const merged = await text()
  if (!merged.startsWith('Ada begins: ') || !merged.endsWith('Ben adds the last word.')) throw new Failed(`${size}: the texts were not merged`)
  if (!merged.includes(before.slice(20, -20))) throw new Failed(`${size}: something that nobody touched is gone`)

  // What Ben wrote is still there as a version.
  await (size === 'phone' ? page.getByRole('button', { name: 'Notes' }).click() : null)
  await ada.press(page.getByRole('tab', { name: 'Versions' }))
  const versions = await (await page.request.get(`/api/books/${book}/chapters/${number}/versions`)).json()
  const texts = await Promise.all(
    versions.map(async (v) => (await (await page.request.get(`/api/books/${book}/chapters/${number}/versions/${v.number}`)).json()).text),
  )
  if (!texts.some((t) => t.startsWith('Ben begins: '))) throw new Failed(`${size}: Ben's version is lost`)
  await ada.press(page.getByRole('button', { name: 'Compare with the newest' }).first())
  await page.locator('.diff ins').first().waitFor()
  await check()

  // Ben, who has not looked since, sees Ada's text; a proposal of his is taken over in part.
  const chapter = await (await page.request.get(`/api/books/${book}/chapters/${number}`)).json()
  const proposal = chapter.text.replace('Ada begins: ', 'Both begin: ').replace('Ben adds the last word.', 'A last word.')
  const made = await page.request.post(`/api/documents/${chapter.document_id}/proposals`, {
    data: { text: proposal, base_number: chapter.version },
  })
  if (!made.ok()) throw new Failed(await made.text())
  await page.goto(address)
  await ada.press(page.getByRole('button', { name: 'Look at it' }))
  await page.getByRole('checkbox', { name: 'Take place 2' }).waitFor()
  await check()
  await ada.press(page.getByRole('checkbox', { name: 'Take place 2' }))
  await ada.press(page.getByRole('button', { name: 'Take this one' }))
  await page.getByText(/Taken over as version/).waitFor()
  const last = await text()
  if (!last.startsWith('Both begin: ') || !last.endsWith('Ben adds the last word.')) throw new Failed(`${size}: the wrong part was taken over`)
  await other.close()
  visit.errors = visit.errors.filter((error) => !/status of 409/.test(error))
}
