// How far it is with Tab from what has the focus to something else. Only a guess, so that many steps can be made at once:
// whoever uses it looks again after them.
const FAR = 40

/** In the page: 0 where the element has the focus already, else about how many stops on (above 0) or back it is. */
export function stops(target, group) {
  const now = document.activeElement
  if (now === target || target.contains(now)) return 0
  if (group === 'radio' && now?.type === 'radio' && now.name === target.name) return null
  if (group === 'tab' && now?.getAttribute('role') === 'tab' && now.parentElement === target.parentElement) return null
  const root = target.closest('[role=dialog]') ?? document
  const checked = (one) => one.type !== 'radio' || one.checked || one === target || !root.querySelector(`input[type=radio][name="${one.name}"]:checked`)
  const all = [...root.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex], [contenteditable=true]')].filter(
    (one) => one === target || one === now || (one.tabIndex >= 0 && !one.disabled && one.checkVisibility({ visibilityProperty: true }) && checked(one)),
  )
  const there = all.indexOf(target)
  const here = all.indexOf(now)
  return there === here ? 1 : there - here
}

/** Press Tab or Shift+Tab as often as it is far; an arrow within a group of radio buttons or tabs (`null`). */
export async function go(page, distance) {
  if (distance === null) return page.keyboard.press('ArrowRight')
  for (let n = 0; n < Math.min(Math.abs(distance), FAR); n++) await page.keyboard.press(distance > 0 ? 'Tab' : 'Shift+Tab')
}
