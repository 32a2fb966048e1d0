// One chapter: a passage rewritten with streamed text and taken over, written on, commented, traced, assessed, restored.
// chapter BOOK
import { Failed } from './browser.js'
import { hands } from './hands.js'

export default async function journey(visit) {
  const { page, size, check } = visit
  const [book] = visit.args
  const number = size === 'wide' ? 1 : 2
  const hand = hands(visit, size === 'wide' ? 'keyboard' : 'touch')
  const place = (name) => (size === 'phone' ? page.getByRole('button', { name }).click() : null)
  await page.goto(`/books/${book}/chapters/${number}`)
  const editor = page.locator('.cm-content')
  await editor.waitFor()
  await check()

  // A passage is marked with the keyboard: the third paragraph.
  await hand.reach(editor)
  await page.keyboard.press('Control+Home')
  for (let n = 0; n < 4; n++) await page.keyboard.press('ArrowDown')
  while (!(await page.evaluate(() => document.getSelection()?.anchorNode?.textContent?.startsWith('Paragraph 3')))) await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Home')
  await page.keyboard.press('Shift+End')
  await hand.press(page.getByRole('button', { name: 'Rewrite' }))
  await hand.fill(page.getByLabel('What shall be different?'), 'Shorter, and with the rain in it.')
  await page.getByText(/About [\d,]+ tokens/).waitFor()
  await check()
  await hand.press(page.getByRole('button', { name: 'Write it' }))
  await page.getByRole('heading', { name: 'A proposal by Scrivano' }).waitFor()
  await page.getByText('It changes one place.').waitFor()
  await check()
  await hand.press(page.getByRole('button', { name: 'Take all of it' }))
  await page.getByText(/Taken over as version/).waitFor()
  const text = async () => (await (await page.request.get(`/api/books/${book}/chapters/${number}`)).json()).text
  const now = await text()
  if (!now.includes('Paragraph 2:') || !now.includes('Paragraph 4:')) throw new Failed(`${size}: more than the passage changed`)

  await place('Notes')
  await hand.press(page.getByRole('tab', { name: 'Origin' }))
  await place('Text')
  await hand.reach(editor)
  await page.keyboard.press('Control+Home')
  for (let n = 0; n < 200; n++) {
    const there = await page.evaluate(() => document.getSelection()?.anchorNode?.textContent ?? '')
    if (there && !there.startsWith('Paragraph')) break
    await page.keyboard.press('ArrowDown')
  }
  await place('Notes')
  await page.getByText('rewrite selection').first().waitFor()
  await check()
  await place('Text')

  await hand.reach(editor)
  await page.keyboard.press('Control+Home')
  await page.keyboard.press('Shift+End')
  await hand.press(page.getByRole('button', { name: 'Comment', exact: true }))
  await hand.fill(page.getByLabel('What do you want to say?'), 'Does she count aloud?')
  await hand.press(page.getByRole('button', { name: 'Comment', exact: true }).last())
  await place('Notes')
  await page.getByText('Does she count aloud?').waitFor()
  await check()
  await hand.press(page.getByRole('button', { name: 'Change: Does she count aloud?' }))
  await hand.fill(page.getByRole('textbox', { name: 'Change', exact: true }), 'Does she count them aloud?')
  await check()
  await hand.press(page.locator('.said').getByRole('button', { name: 'Save', exact: true }))
  await page.getByText('Does she count them aloud? (changed)').waitFor()
  await hand.press(page.getByRole('tab', { name: 'Scores' }))
  await hand.press(page.getByRole('button', { name: 'Assess the book as it stands' }))
  await page.getByText('Overall').waitFor()
  await check()
  await page.getByText(/Up to [\d,]+ tokens for scripted to read: costs nothing\./).waitFor()
  await hand.press(page.getByRole('button', { name: 'Let a model read it' }))
  await page.getByText('One contradiction is marked.').waitFor()
  await check()
  await hand.press(page.getByRole('button', { name: 'Show the comments' }))
  await page.getByText('The letters were counted a moment ago.').waitFor()
  await check()
  await hand.press(page.getByRole('tab', { name: 'Context' }))
  await page.getByText('No model was asked for this chapter').waitFor()
  await hand.press(page.getByRole('tab', { name: 'Versions' }))
  await hand.press(page.getByRole('button', { name: 'Bring it back' }).last())
  await page.getByText('Version 1 is the newest again.').waitFor()
  if ((await text()) === now) throw new Failed(`${size}: nothing was brought back`)
  await hand.press(page.getByRole('button', { name: 'Undo', exact: true }))
  await page.waitForFunction(async ([b, n, wanted]) => (await (await fetch(`/api/books/${b}/chapters/${n}`)).json()).text === wanted, [book, number, now])
}
