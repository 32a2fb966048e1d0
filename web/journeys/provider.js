// A provider added by its address and key, tested, its key never seen again, one of its models changed and asked, the
// route of a typed text, and the request found in the log with its whole story. provider ADDRESS
import { Failed } from './browser.js'

const KEY = 'sk-canary-77e1'

export default async function journey({ page, size, check, args }) {
  const [address] = args
  await page.goto('/models')
  await page.getByRole('button', { name: 'Add a provider' }).first().click()
  await check()
  const name = `Shed ${size}`
  await page.getByLabel('Name').fill(name)
  await page.getByLabel('Address').fill(address)
  await page.getByLabel('Key · optional').fill(KEY)
  await page.locator('form').getByRole('button', { name: 'Add a provider' }).click()
  const section = page.getByRole('region', { name, exact: true }).first()
  await section.waitFor()
  await section.getByText('key kept').waitFor()
  await page.getByRole('button', { name: `Test: ${name}` }).click()
  await section.getByText(/Answers in \d+ ms/).waitFor()
  await check()
  await section.getByRole('button', { name: 'Add a model' }).click()
  await section.getByLabel('Name of the model').fill('scripted')
  await section.locator('form').getByRole('button', { name: 'Add a model' }).click()
  await page.getByRole('button', { name: 'Change: scripted' }).last().waitFor()
  await section.getByRole('button', { name: 'Change: scripted' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Ask it something' }).click()
  await dialog.getByText(/, \d+\.\d\d s/).waitFor()
  await check()
  await dialog.getByLabel('Tier').selectOption('large-local')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await section.getByText('Large, local').waitFor()

  await page.getByLabel(/Type a request/).fill('Prove step by step that this algorithm terminates, and analyse its cost.')
  await page.getByText(/Level \d+ of 10/).waitFor()
  await page.getByText('asked first').waitFor()
  await check()

  const html = await page.content()
  if (html.includes(KEY)) throw new Failed('the key stands in the page')

  await page.goto('/usage?feature=llm')
  const log = page.getByRole('listbox', { name: 'Request log' })
  await log.getByRole('option').first().getByText('test_model').waitFor()
  await check()
  await log.focus()
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').getByText('Say hello in one sentence.').waitFor()
  await check()
  await page.getByRole('dialog').getByRole('button', { name: 'Ask again' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Ask again' }).last().click()
  await page.getByText('Asked again; this is the new answer.').waitFor()
}
