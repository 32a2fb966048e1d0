// A provider added by its address and key, tested, its key never seen again, one of its models changed and asked, the
// route of a typed text, and the request found in the log with its whole story; at the desk by keyboard
// alone. provider ADDRESS
import { Failed } from './browser.js'
import { hands } from './hands.js'

const KEY = 'sk-canary-77e1'

// Both sizes ask the same service, whose log shows the newest first.
export const inTurn = true

export default async function journey(visit) {
  const { page, size, check } = visit
  const [address] = visit.args
  const hand = hands(visit, size === 'wide' ? 'keyboard' : 'touch')
  await page.goto('/models')
  await hand.press(page.getByRole('button', { name: 'Add a provider' }).first())
  await check()
  const name = `Shed ${size}`
  await hand.fill(page.getByLabel('Name'), name)
  await hand.fill(page.getByLabel('Address'), address)
  await hand.fill(page.getByLabel('Key · optional'), KEY)
  await hand.press(page.locator('form').getByRole('button', { name: 'Add a provider' }))
  const section = page.getByRole('region', { name, exact: true }).first()
  await section.waitFor()
  await section.getByText('key kept').waitFor()
  await hand.press(page.getByRole('button', { name: `Test: ${name}` }))
  await section.getByText(/Answers in \d+ ms/).waitFor()
  await check()
  await hand.press(section.getByRole('button', { name: 'Add a model' }))
  await hand.fill(section.getByLabel('Name of the model'), 'scripted')
  await hand.press(section.locator('form').getByRole('button', { name: 'Add a model' }))
  await page.getByRole('button', { name: 'Change: scripted' }).last().waitFor()
  await hand.press(section.getByRole('button', { name: 'Change: scripted' }))
  const dialog = page.getByRole('dialog')
  await hand.press(dialog.getByRole('button', { name: 'Ask it something' }))
  await dialog.getByText(/, \d+\.\d\d s/).waitFor()
  await check()
  await hand.select(dialog.getByLabel('Tier'), 'Large, local')
  await hand.press(dialog.getByRole('button', { name: 'Save' }))
  await section.getByText('Large, local').waitFor()

  await hand.fill(page.getByLabel(/Type a request/), 'Prove step by step that this algorithm terminates, and analyse its cost.')
  await page.getByText(/Level \d+ of 10/).waitFor()
  await page.getByText('asked first').waitFor()
  await check()

  const html = await page.content()
  if (html.includes(KEY)) throw new Failed('the key stands in the page')

  await page.goto('/usage?feature=llm')
  const log = page.getByRole('listbox', { name: 'Request log' })
  await log.getByRole('option').first().getByText('test_model').waitFor()
  await check()
  await hand.key(log, 'Enter')
  await page.getByRole('dialog').getByText('Say hello in one sentence.').waitFor()
  await check()
  await hand.press(page.getByRole('dialog').getByRole('button', { name: 'Ask again' }))
  await hand.press(page.getByRole('dialog').getByRole('button', { name: 'Ask again' }).last())
  await page.getByText('Asked again; this is the new answer.').waitFor()
}
