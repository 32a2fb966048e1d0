// A person without a mouse: focus moves by Tab alone, and what has it is pressed, typed into or chosen in.
import { Failed } from './browser.js'

const MOST = 220

export function keyboard(page) {
  /** Tab on until `locator` has the focus; it has to be seen that it has. */
  async function to(locator) {
    await locator.first().waitFor()
    const key = (await before(locator)) ? 'Shift+Tab' : 'Tab'
    for (let n = 0; n < MOST; n++) {
      const there = await locator.first().evaluate((element) => element === document.activeElement)
      if (there) {
        const seen = await locator.first().evaluate((element) => {
          const box = element.getBoundingClientRect()
          return box.width > 0 || element.matches('input[type=radio], input[type=checkbox]')
        })
        if (!seen) throw new Failed(`the focus is on something unseen: ${locator}`)
        return
      }
      await page.keyboard.press(key)
    }
    throw new Failed(`cannot be reached by keyboard: ${locator}`)
  }
  /** Whether it stands before what has the focus: then the way back is shorter. */
  const before = (locator) =>
    locator.first().evaluate((element) => {
      const now = document.activeElement
      return !!now && now !== document.body && !!(element.compareDocumentPosition(now) & Node.DOCUMENT_POSITION_FOLLOWING)
    })
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
