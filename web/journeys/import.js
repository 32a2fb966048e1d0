// import FILE
// A manuscript from elsewhere becomes a book; a chapter is changed, the files say so and are made again.
import { Failed } from './browser.js'
import { hands } from './hands.js'

const SENTENCE = 'The harbour was frozen over by morning.'

export default async function journey(visit) {
  const { page, size, check } = visit
  const [file] = visit.args
  const hand = hands(visit, size === 'wide' ? 'keyboard' : 'touch')
  await page.goto('/books')
  await hand.press(page.getByRole('button', { name: 'Bring a manuscript' }).first())
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('The file', { exact: true }).setInputFiles(file)
  await hand.fill(dialog.getByLabel('Author · optional'), 'R. Amsel')
  await check()
  await hand.press(dialog.getByRole('button', { name: 'Bring it in' }))
  await page.getByRole('heading', { name: 'Letters', exact: true }).waitFor()
  await page.getByText('Done', { exact: true }).first().waitFor()

  await hand.press(page.getByRole('link', { name: /Two/ }).first())
  const editor = page.locator('.cm-content')
  await editor.waitFor()
  await hand.write(editor, SENTENCE)
  await hand.save(editor)
  await page.getByText(/Version 2, by you/).waitFor()
  const book = new URL(page.url()).pathname.split('/')[2]
  const written = async () => (await page.request.get(`/api/books/${book}/files/book.md`)).text()
  if ((await written()).includes(SENTENCE)) throw new Failed(`${size}: the files changed by themselves`)

  await hand.press(page.getByRole('link', { name: 'Letters' }).first())
  await hand.key(page.getByRole('tab', { name: 'Chapters' }), 'ArrowRight')
  await hand.key(page.getByRole('tab', { name: 'Cover' }), 'ArrowRight')
  await page.getByText('Chapters were changed since these files were made.').waitFor()
  await check()
  await hand.press(page.getByRole('button', { name: 'Make the files again' }))
  await page.getByText('Chapters were changed since these files were made.').waitFor({ state: 'detached' })
  await page.getByText('The files are being made again.').waitFor({ state: 'detached' })
  await check()
  if (!(await written()).includes(SENTENCE)) throw new Failed(`${size}: the files were not made of the text as it stands`)
}
