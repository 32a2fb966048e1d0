// A file is added, read while one looks on, searched, changed, removed, and brought back. references FILE
import { Failed } from './browser.js'

export default async function journey({ page, size, check, args, project }) {
  const [file] = args
  await page.goto('/references')
  await page.getByRole('heading', { name: 'No reference yet.' }).waitFor()
  await check()
  if (size === 'wide') {
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', { name: 'Add files' }).first().click()])
    await chooser.setFiles(file)
  } else {
    await page.getByRole('button', { name: 'Write a note' }).click()
    await page.getByLabel('Name of the note').fill('The harbour')
    await page.getByLabel('Kind').first().selectOption('world-building')
    await page.getByLabel('What is to be remembered').fill('The harbour of Ness has one mooring, and it is always taken.')
    await check()
    await page.getByRole('button', { name: 'Keep the note' }).click()
  }
  const name = size === 'wide' ? 'Ada' : 'The harbour'
  await page.locator('.files li').filter({ hasText: name }).getByText(/passage/).waitFor()
  await page.getByRole('searchbox').fill(size === 'wide' ? 'grey eyes' : 'mooring')
  await page.locator('mark').first().waitFor()
  await check()
  await page.locator('.search li a').first().click()
  await page.getByRole('heading', { name }).first().waitFor()
  await page.locator('.passages li').first().waitFor()
  await check()
  await page.getByRole('tab', { name: 'About' }).click()
  await page.getByLabel('Kind').selectOption('character')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Changed.').waitFor()
  await check()
  await page.getByRole('tab', { name: 'Where used' }).click()
  await page.getByText('Nothing has been written from it yet.').waitFor()

  await page.goto('/references')
  await page.getByRole('button', { name: new RegExp(`^Remove: .*${name}`) }).click()
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('link', { name }).first().waitFor()
  // Removed, and the page left before the notice has gone: it is removed all the same.
  await page.getByRole('button', { name: new RegExp(`^Remove: .*${name}`) }).click()
  await page.goto('/books')
  await page.goto('/references')
  await page.locator('main h1').waitFor()
  const left = await (await page.request.get('/api/references', { params: { project_id: project } })).json()
  if (left.some((each) => (each.title || each.name).includes(name))) throw new Failed(`${size}: it is still there`)
}
