// A data set of inputs out of the history, typed and pasted; a row taken out and brought back; two versions of a prompt
// evaluated on it after their price was told, what became worse, the answers side by side, and the task behind one.
// At the desk by keyboard alone.
import { Failed } from './browser.js'
import { hands } from './hands.js'

export default async function journey(visit) {
  const { page, size, check, project } = visit
  const hand = hands(visit, size === 'wide' ? 'keyboard' : 'touch')
  const button = (name, within = page) => within.getByRole('button', { name, exact: true })
  const dialog = page.getByRole('dialog')
  const template = `harbour_${size}_${Date.now().toString(36)}`
  await set(page, project, template)

  await page.goto('/prompts')
  await hand.press(page.getByRole('link', { name: 'Data sets' }))
  await page.getByRole('heading', { name: 'No data set yet.' }).waitFor()
  await check()
  await hand.press(button('New data set'))
  await hand.fill(dialog.getByLabel('Name', { exact: true }), `Harbour, ${size}`)
  await check()
  await hand.press(button('Make it', dialog))
  await page.getByRole('heading', { name: 'No row in it yet.' }).waitFor()
  await check()

  // Out of the history.
  await hand.press(button('From the history'))
  const tick = (name) => dialog.getByRole('checkbox', { name: new RegExp(`^${name}`) })
  for (const name of ['Tides', 'Lamps']) {
    await tick(name).waitFor()
    await hand.press(tick(name))
  }
  await check()
  await hand.press(button('Add 2 rows', dialog))
  const rows = page.getByRole('region', { name: 'Rows' })
  await rows.getByRole('heading', { name: '2 rows' }).waitFor()
  await check()

  // What is expected of the answer.
  const row = (name) => rows.locator('.open').filter({ hasText: name })
  for (const name of ['Tides', 'Lamps']) {
    await hand.press(row(name))
    await hand.press(button('Add: contains a text', dialog))
    await hand.fill(dialog.getByLabel('Text', { exact: true }), 'harbour')
    if (name === 'Tides') {
      await hand.select(dialog.getByLabel('Add an expectation'), 'has so many words')
      await hand.press(button('Add: has so many words', dialog))
      await check()
    }
    await hand.press(button('Save', dialog))
    await dialog.waitFor({ state: 'detached' })
    await row(name).getByText('contains “harbour”').waitFor()
  }

  // Pasted: what was understood is told before.
  await hand.press(button('Paste or upload'))
  await hand.fill(dialog.getByLabel('Table, CSV or JSON'), 'this is\nno table')
  await dialog.getByText('The first line has to name the columns').waitFor()
  await check()
  await hand.fill(dialog.getByLabel('Table, CSV or JSON'), 'name,subject,expect\nFerries,"boats, and whoever waits",harbour\n')
  await dialog.getByText('1 row with subject.').waitFor()
  await hand.press(button('Add 1 row', dialog))
  await row('Ferries').waitFor()
  // Somebody else adds a row while one is typed: both are kept.
  await hand.press(button('Type a row'))
  await addElsewhere(page, new URL(page.url()).pathname.split('/').pop())
  await hand.fill(dialog.getByLabel('subject', { exact: true }), 'buoys')
  await hand.press(button('Save', dialog))
  await rows.getByRole('heading', { name: '5 rows' }).waitFor()
  for (const name of ['buoys', 'Elsewhere']) {
    await hand.press(button(name === 'buoys' ? 'Remove Row 5' : `Remove ${name}`))
    await row(name).waitFor({ state: 'detached' })
  }
  // The refusal that told the page to look again is on the browser's console.
  visit.errors = visit.errors.filter((error) => !(/status of 409/.test(error) && error.includes('/api/datasets/')))
  // Typed: the inputs that the other rows have stand there already.
  await hand.press(button('Type a row'))
  await hand.fill(dialog.getByLabel('subject', { exact: true }), 'gulls')
  await check()
  await hand.press(button('Save', dialog))
  await row('gulls').getByText('Nothing is expected yet').waitFor()
  await hand.press(button('Remove Row 4'))
  await rows.getByRole('heading', { name: '3 rows' }).waitFor()
  await page.locator('.toast').filter({ hasText: 'Row 4' }).getByRole('button', { name: 'Undo' }).click()
  await rows.getByRole('heading', { name: '4 rows' }).waitFor()
  await check()

  // The price comes before the click.
  await hand.press(page.getByRole('link', { name: 'Run an evaluation' }))
  await page.getByText('Choose a prompt to see what it will cost.').waitFor()
  if (await button('Run 4 calls').isEnabled()) throw new Failed(`${size}: runs without a price`)
  await check()
  await hand.select(page.getByLabel('Prompt', { exact: true }), template)
  const columns = page.getByRole('region', { name: 'Versions and models to evaluate' })
  await columns.getByLabel('Version').first().waitFor()
  await hand.select(columns.getByLabel('Version').first(), '1')
  await hand.press(button('Add a column'))
  await columns.getByLabel('Version').nth(1).waitFor()
  await columns.getByLabel('Version').nth(1).selectOption('2')
  const price = page.getByRole('region', { name: 'What it will cost' })
  await price.getByText('Nothing: these models cost nothing.').waitFor()
  await price.getByText('8 answers.').waitFor()
  await check()
  await hand.press(button('Run 8 calls'))

  await page.getByRole('heading', { name: 'Scores' }).waitFor()
  const answers = page.getByRole('region', { name: 'Answers' })
  await page.getByText('3 rows worse').waitFor()
  await page.getByText('best', { exact: true }).waitFor()
  await check()
  await hand.press(button('Only what became worse'))
  if ((await answers.locator('tbody').count()) !== 3) throw new Failed(`${size}: other rows than those that became worse`)
  await hand.press(answers.locator('.open').filter({ hasText: 'Ferries' }))
  await answers.getByText('The harbour is calm, and so is whoever looks at it.').waitFor()
  await answers.getByText("contains a text: 'harbour' is missing").waitFor()
  await check()
  await hand.press(answers.getByRole('button', { name: /^The whole task: .*version 2/ }))
  await dialog.getByRole('button', { name: 'Run it again' }).waitFor()
  await check()
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  await page.reload()
  await page.getByText('3 rows worse').waitFor()

  // Again from here, with what it was before; and back by the palette.
  await hand.press(page.getByRole('link', { name: 'Run it again' }))
  await price.getByText('8 answers.').waitFor()
  await page.keyboard.press('Control+k')
  await page.keyboard.type('Data sets and evaluations')
  await page.getByRole('option', { name: /^Data sets and evaluations/ }).waitFor()
  await page.keyboard.press('Enter')
  await hand.press(page.getByRole('link', { name: `Harbour, ${size}` }))
  const past = page.getByRole('region', { name: 'Evaluations' })
  await past.getByText('done', { exact: true }).waitFor()
  await past.getByText('best at hand · version 2').waitFor()
  await check()
}

/** A prompt in two versions, and two tasks of it. */
async function set(page, project, template) {
  const post = async (path, data) => {
    const answer = await page.request.post(`/api${path}`, { data })
    if (!answer.ok()) throw new Failed(`${path}: ${await answer.text()}`)
    return answer.json()
  }
  const content = (text) => ({ variables: { subject: { type: 'text' } }, messages: [{ role: 'user', content: text }] })
  await post('/prompt-templates', { name: template, content: content('Harbour, plainly: {{ subject }}.') })
  await post(`/prompt-templates/${template}/versions`, { content: content('Harbour, in riddles: {{ subject }}.'), expected: 1 })
  for (const [name, subject] of [['Tides', 'tides'], ['Lamps', 'lamps']])
    await post('/tasks', { project_id: project, template, version: 1, name, variables: { subject } })
}

/** Another person's row, which this page has not read. */
async function addElsewhere(page, id) {
  const url = `/api/datasets/${id}`
  const { items, edition } = await (await page.request.get(url)).json()
  const more = { name: 'Elsewhere', variables: { subject: 'fog' }, expectations: [] }
  const answer = await page.request.patch(url, { data: { items: [...items, more], expected_edition: edition } })
  if (!answer.ok()) throw new Failed(`${url}: ${await answer.text()}`)
}
