// A book from the empty desk to its PDF: wizard, the outline changed and approved, chapters, files.
import { Failed, travel } from './browser.js'

await travel(async ({ page, size, check }) => {
  await page.goto('/')
  await page.getByRole('link', { name: 'New book' }).first().click()
  await page.getByRole('heading', { name: 'A new book' }).waitFor()
  await check()
  await page.getByText('Fiction', { exact: true }).click()
  await page.getByLabel('What happens?').fill('A lighthouse keeper finds letters that were never sent.')
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByLabel('Title · optional').fill(`Unsent, ${size}`)
  await page.getByLabel('Length in words').fill('2000')
  await page.getByLabel('Chapters · optional').fill('2')
  await check()
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByText('Elegant').click()
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByRole('heading', { name: 'This will be written' }).waitFor()
  await check()
  await page.getByRole('button', { name: 'Write the book' }).click()

  await page.getByRole('button', { name: 'Approve and write' }).waitFor()
  await check()
  await page.getByLabel('Title of chapter 1').fill('The Lamp and the Drawer')
  await page.getByRole('button', { name: 'Approve and write' }).click()
  await page.getByRole('heading', { name: 'The Lamp and the Drawer' }).first().waitFor()

  await page.getByRole('tab', { name: 'Files' }).click()
  const link = page.getByRole('link', { name: 'book.pdf' })
  await link.waitFor()
  await check()
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()])
  const stream = await download.createReadStream()
  const [head] = await stream.take(1).toArray()
  if (head.subarray(0, 5).toString() !== '%PDF-') throw new Failed('book.pdf is no PDF')
  await page.getByText('Done', { exact: true }).first().waitFor()

  // What was made stays when the page is loaded anew.
  await page.reload()
  await page.getByRole('heading', { name: 'The Lamp and the Drawer' }).first().waitFor()
})
