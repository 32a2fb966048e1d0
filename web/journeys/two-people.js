// Two people edit one chapter: the second to save meets the conflict, sees both texts, merges, and nothing is lost.
// Then the second's text is left as a proposal beside that, and taken over in part. On the wide screen both have nothing
// but a keyboard, from the first page on. two-people BOOK
import { Failed } from './browser.js'
import { hands } from './hands.js'

export default async function journey(visit) {
  const { page, size, base, check } = visit
  const [book] = visit.args
  const number = size === 'wide' ? 1 : 2
  const text = async () => (await (await page.request.get(`/api/books/${book}/chapters/${number}`)).json()).text
  const before = await text()
  const ada = hands(visit, size === 'wide' ? 'keyboard' : 'touch')
  const other = await page.context().browser().newContext({ baseURL: base, locale: 'en-US', viewport: page.viewportSize() })
  const bens = await other.newPage()
  bens.setDefaultTimeout(60_000)
  const ben = hands({ page: bens, size }, size === 'wide' ? 'keyboard' : 'touch')

  const open = async (hand, on) => {
    await hand.press(on.getByRole('link', { name: 'Books', exact: true }).first())
    await hand.press(on.locator(`main a[href="/books/${book}"]`))
    await hand.press(on.locator(`main a[href="/books/${book}/chapters/${number}"]`).last())
  }

  // Both begin with the same version.
  await page.goto('/')
  await bens.goto('/')
  await open(ada, page)
  await open(ben, bens)
  const adas = page.locator('.cm-content')
  const bensText = bens.locator('.cm-content')
  await adas.waitFor()
  await bensText.waitFor()
  await ben.write(bensText, 'Ben adds the last word.')
  await ben.write(bensText, 'Ben begins: ', 'Control+Home')
  await ben.save(bensText)
  await bens.getByText(/Version \d+, by you/).waitFor()
  await bens.getByText('Not saved yet').waitFor({ state: 'detached' })
  // He goes on writing, over the version that he has just saved.
  await ben.replace(bensText, 'Control+Home', 'Ben begins: '.length, 'Both begin: ')
  await ben.replace(bensText, 'Control+End', 'Ben adds the last word.'.length, 'A last word.')
  await bens.getByText('Not saved yet').waitFor()

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
  // Theirs is taken where both wrote, and given back: whoever took it with a key is in the text then.
  const stands = page.getByRole('textbox', { name: 'What will stand' })
  await ada.press(page.locator('.merge').getByRole('button', { name: 'Take theirs' }).first())
  await stands.filter({ hasText: 'Ben begins:' }).waitFor()
  await (size === 'wide' ? page.keyboard.press('Control+z') : ada.key(stands, 'Control+z'))
  await stands.filter({ hasText: 'Ada begins:' }).waitFor()
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

  // Ben saves over what he has not seen, and leaves his as a proposal. Ada, who comes back to the chapter, takes a part of it.
  await ben.save(bensText)
  await bens.getByRole('heading', { name: 'Two people changed this chapter' }).waitFor()
  await bens.locator('.merge .cm-content').first().waitFor()
  await ben.press(bens.getByRole('button', { name: 'Leave mine as a proposal' }))
  await bens.getByText('Your text stands beside theirs as a proposal.').waitFor()
  await open(ada, page)
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
