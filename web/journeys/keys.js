// A person without a mouse: focus moves by Tab alone, and what has it is pressed, typed into or chosen in.
import { Failed } from './browser.js'
import { go, stops } from './tabbing.js'

const MOST = 220
const GUESSES = 12

export function keyboard(page) {
  /** Tab on until `locator` has the focus; it has to be seen that it has. */
  async function to(locator) {
    await locator.first().waitFor()
    for (let n = 0; n < MOST; n++) {
      const distance = await locator.first().evaluate(stops)
      if (distance === 0) {
        const seen = await locator.first().evaluate((element) => {
          const box = element.getBoundingClientRect()
          return box.width > 0 || element.matches('input[type=radio], input[type=checkbox]')
        })
        if (!seen) throw new Failed(`the focus is on something unseen: ${locator}`)
        return
      }
      // A guess that keeps missing is given up for single steps.
      await go(page, n < GUESSES ? distance : 1)
    }
    throw new Failed(`cannot be reached by keyboard: ${locator}`)
  }
  return {
    to,
    async press(locator, key = 'Enter') {
      await to(locator)
      await page.keyboard.press(key)
    },
    async type(locator, text) {
      await to(locator)
      await page.keyboard.press('Control+a')
      await page.keyboard.insertText(text)
    },
    /** In a list that drops down, by the first letters of what it offers. */
    async choose(locator, letters) {
      await to(locator)
      await page.keyboard.type(letters)
    },
  }
}
