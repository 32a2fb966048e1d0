// book MODEL
// A book from the empty desk to its PDF: wizard, the outline changed and approved, a chapter edited by hand while the
// next is being written, files. Every second visit goes by keyboard alone.
import { Failed } from './browser.js'
import { hands } from './hands.js'

const SENTENCE = 'Nobody had told the keeper that the drawer was locked from the inside.'

const holds = async (field, text) => {
  await field.waitFor()
  if ((await field.inputValue()) !== text) throw new Failed(`${field} holds “${await field.inputValue()}”, not “${text}”`)
}

export default async function journey(visit) {
  const { page, size, check } = visit
  const [model] = visit.args
  const hand = hands(visit, size === 'wide' ? 'keyboard' : 'touch')
  await page.goto('/')
  await hand.press(page.getByRole('link', { name: 'New book' }).first())
  await page.getByRole('heading', { name: 'A new book' }).waitFor()
  await check()
  await hand.choose(page.getByRole('radio', { name: /^Fiction/ }))
  await hand.fill(page.getByLabel('What happens?'), 'A lighthouse keeper finds letters that were never sent.')
  await hand.press(page.getByRole('button', { name: 'Next' }))
  await hand.fill(page.getByLabel('Title · optional'), `Unsent, ${size}`)
  await hand.fill(page.getByLabel('Length in words'), '2000')
  await hand.fill(page.getByLabel('Chapters · optional'), '3')
  // What was filled in outlives a reload, and the back button goes a step back.
  await page.reload()
  await holds(page.getByLabel('Title · optional'), `Unsent, ${size}`)
  await page.goBack()
  await holds(page.getByLabel('What happens?'), 'A lighthouse keeper finds letters that were never sent.')
  await hand.press(page.getByRole('button', { name: 'Next' }))
  await holds(page.getByLabel('Title · optional'), `Unsent, ${size}`)
  await check()
  await hand.press(page.getByRole('button', { name: 'Next' }))
  await hand.choose(page.getByRole('radio', { name: /^Elegant/ }))
  await hand.press(page.getByRole('button', { name: 'Next' }))
  await hand.press(page.getByRole('button', { name: 'Next' }))
  await page.getByRole('heading', { name: 'This will be written' }).waitFor()
  await page.getByRole('definition').filter({ hasText: 'between' }).first().waitFor()
  await check()
  await hand.press(page.getByRole('button', { name: 'Write the book' }))

  await page.getByRole('button', { name: 'Approve and write' }).waitFor()
  await check()
  const second = await page.getByLabel('Title of chapter 2').inputValue()
  await hand.key(page.getByRole('button', { name: new RegExp(`^Drag .*: ${second}$`) }), 'ArrowUp')
  await page.waitForFunction((title) => document.querySelector('[aria-label="Title of chapter 1"]')?.value === title, second)
  await hand.fill(page.getByLabel('Title of chapter 1'), 'The Lamp and the Drawer')
  await page.reload()
  await holds(page.getByLabel('Title of chapter 1'), 'The Lamp and the Drawer')
  await hand.press(page.getByRole('button', { name: 'Approve and write' }))

  // While the rest is being written, the first chapter is open on the desk.
  await page.locator('[data-live]').waitFor()
  await hand.press(page.getByRole('link', { name: /The Lamp and the Drawer/ }).first())
  const editor = page.locator('.cm-content')
  await editor.waitFor()
  await hand.write(editor, SENTENCE)
  await page.getByText('Not saved yet').waitFor()
  await check()
  // Reloaded before it was saved: it stands there as it was left.
  await page.reload()
  await page.getByText('Not saved yet').waitFor()
  // The editor draws what is in sight alone.
  await editor.press('Control+End')
  await editor.filter({ hasText: SENTENCE }).waitFor()
  await hand.save(editor)
  await page.getByText(/Version \d+, by you/).waitFor()
  const address = new URL(page.url()).pathname
  await hand.press(page.getByRole('link', { name: `Unsent, ${size}` }).first())

  // The model has stopped in the middle of the last chapter until now.
  await page.locator('[data-live]').waitFor()
  await page.request.post(`${model}/release/${size}`)
  await page.getByText('Done', { exact: true }).first().waitFor()
  await hand.key(page.getByRole('tab', { name: 'Chapters' }), 'ArrowRight')
  await page.getByRole('img', { name: 'Cover', exact: true }).waitFor()
  await hand.press(page.getByRole('button', { name: 'Draw one' }))
  await page.getByRole('img', { name: 'Cover 1' }).waitFor()
  await check()
  await hand.key(page.getByRole('tab', { name: 'Cover' }), 'ArrowRight')
  const link = page.getByRole('link', { name: 'book.pdf' })
  await link.waitFor()
  await page.getByRole('img', { name: /Page 1 of/ }).waitFor()
  await hand.press(page.getByRole('button', { name: 'Next page' }))
  await page.getByRole('img', { name: /Page 2 of/ }).waitFor()
  await check()
  const [download] = await Promise.all([page.waitForEvent('download'), hand.press(link)])
  const stream = await download.createReadStream()
  const [head] = await stream.take(1).toArray()
  if (head.subarray(0, 5).toString() !== '%PDF-') throw new Failed('book.pdf is no PDF')
  const book = address.split('/')[2]
  const written = await (await page.request.get(`/api/books/${book}/files/book.md`)).text()
  if (!written.includes(SENTENCE)) throw new Failed('the book does not have what was written by hand during the run')

  // What was made stays when the page is loaded anew.
  await page.goto(address)
  await hand.press(page.getByRole('button', { name: 'Read', exact: true }))
  await page.locator('.prose').getByText(SENTENCE).waitFor()
  await check()
}
