// One and the same way through a page, by touch and mouse or by keyboard alone.
import { Failed } from './browser.js'
import { go, stops } from './tabbing.js'

const MOST_STEPS = 200
const GUESSES = 12

/** What hands do: with 'keyboard' nothing is ever clicked, and every control is reached with Tab as people reach it. */
export function hands({ page, size }, how) {
  const keyboard = how === 'keyboard'

  /** Go to a control with Tab; fails where it cannot be reached so, or is not seen to have the focus. */
  async function reach(target) {
    await target.waitFor()
    // A group of radio buttons or of tabs is one stop; within it one goes on with arrows.
    const kind = await target.evaluate((element) => element.getAttribute('role') ?? element.getAttribute('type'))
    for (let step = 0; step < MOST_STEPS; step++) {
      const distance = await target.evaluate(stops, kind)
      if (distance === 0) return
      await go(page, step < GUESSES || distance === null ? distance : 1)
    }
    throw new Failed(`${size}: ${target} is not reached by keyboard`)
  }

  return {
    reach,
    async press(target) {
      if (!keyboard) return target.click()
      await reach(target)
      const role = await target.evaluate((element) => element.tagName)
      await page.keyboard.press(role === 'A' ? 'Enter' : 'Space')
    },
    async choose(radio) {
      if (keyboard) {
        await reach(radio)
        await page.keyboard.press('Space')
      } else await radio.locator('xpath=..').click()
    },
    async fill(field, text) {
      if (!keyboard) return field.fill(text)
      await reach(field)
      await page.keyboard.press('Control+a')
      await page.keyboard.insertText(text)
    },
    /** In a list that drops down, by the first letters of what it offers. */
    async select(list, title) {
      if (!keyboard) return list.selectOption({ label: title })
      await reach(list)
      // As few letters as tell it from the others: a list forgets what was typed slowly.
      const titles = await list.evaluate((element) => [...element.options].map((one) => one.text.trim().toLowerCase()))
      const wanted = title.toLowerCase()
      let length = 1
      while (length < wanted.length && titles.find((one) => one.startsWith(wanted.slice(0, length))) !== wanted) length++
      await page.keyboard.type(title.slice(0, length))
    },
    /** A key pressed on a control, such as an arrow that moves it. */
    async key(target, key) {
      if (keyboard) await reach(target)
      else await target.focus()
      await page.keyboard.press(key)
    },
    /** A paragraph at the end of the text. */
    async write(editor, text, where = 'Control+End') {
      if (keyboard) await reach(editor)
      else await editor.click()
      await page.keyboard.press(where)
      if (where === 'Control+End') {
        await page.keyboard.press('Enter')
        await page.keyboard.press('Enter')
      }
      await page.keyboard.type(text)
    },
    /** In place of the so many signs that a text begins ('Control+Home') or ends with ('Control+End'). */
    async replace(editor, where, signs, text) {
      if (keyboard) await reach(editor)
      else await editor.click()
      await page.keyboard.press(where)
      for (let n = 0; n < signs; n++) await page.keyboard.press(where === 'Control+End' ? 'Shift+ArrowLeft' : 'Shift+ArrowRight')
      await page.keyboard.type(text)
    },
    async save(editor) {
      if (!keyboard) return page.getByRole('button', { name: 'Save', exact: true }).click()
      await reach(editor)
      await page.keyboard.press('Control+s')
    },
  }
}
