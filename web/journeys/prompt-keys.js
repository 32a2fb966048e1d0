// A prompt changed, previewed, run, compared, rolled back, by keyboard alone.
import { keyboard } from './keys.js'

// Whoever has a keyboard has a wide screen.
export const sizes = ['wide']
export default async function journey({ page, size }) {
  const { press, type, choose } = keyboard(page)
  const button = (name, more = {}) => page.getByRole('button', { name, ...more })
  const name = `keys_${size}_${Date.now().toString(36)}`
  await page.goto('/prompts')
  await page.getByRole('link', { name: 'post_idea' }).waitFor()
  await press(button('New template'))
  await type(page.getByLabel('Name', { exact: true }), name)
  await type(page.getByLabel('Text', { exact: true }), 'A line about {{ topic }}.')
  await press(button('Make it'))
  await page.getByRole('heading', { name, exact: true }).waitFor()
  await type(page.getByLabel('Text 1 of message 1'), 'A short line about {{ topic }}.')
  const preview = page.getByRole('region', { name: 'Preview' })
  await type(preview.getByLabel('topic'), 'rain')
  await preview.getByText('A short line about rain.').waitFor()
  await choose(page.getByLabel('Add a part to message 1'), 'prose')
  await press(button('Add: prose_only'))
  await press(button('Move prose_only up'))
  await page.keyboard.press('Control+s')
  await page.getByRole('dialog').getByText('‹part prose_only›').first().waitFor()
  await type(page.getByLabel('Note'), 'By keys')
  await page.keyboard.press('Enter')
  await page.getByText('Version 2 is kept.').waitFor()

  await press(button('Try it'))
  await page.getByRole('heading', { name: 'Run a prompt' }).waitFor()
  await press(button('Add a column'))
  const versions = page.getByRole('region', { name: 'Models and versions to compare' }).getByLabel('Version')
  await choose(versions.first(), '1')
  await type(page.getByLabel('topic'), 'rain')
  await page.getByText(/tokens in/).nth(1).waitFor()
  await page.keyboard.press('Control+Enter')
  const cells = page.locator('.answers article')
  await cells.nth(1).getByText('done', { exact: true }).waitFor()
  await cells.first().getByText('done', { exact: true }).waitFor()
  await press(cells.first().getByRole('button', { name: 'Details' }))
  await page.getByRole('dialog').getByRole('button', { name: 'Run it again' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })

  await page.goto(`/prompts/templates/${name}`)
  await press(button(/^Version 1/))
  await press(button('Compare', { exact: true }))
  await page.getByRole('dialog').locator('.removed, .added').first().waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await press(button('Roll back to 1'))
  await page.getByText('production points at version 1.').waitFor()
}
