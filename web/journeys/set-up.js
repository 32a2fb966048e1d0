// The first account by its one-time link, signing out, signing in, a wrong password; at the desk by keyboard
// alone. set-up LINK
import { Failed } from './browser.js'
import { hands } from './hands.js'

// The phone signs in to the account that was made at the desk.
export const inTurn = true
const EMAIL = 'ada@example.org'
const PASSWORD = 'the lamp is lit at six each evening'

export default async function journey(visit) {
  const { page, size, base, check } = visit
  const link = new URL(visit.args[0])
  const hand = hands(visit, size === 'wide' ? 'keyboard' : 'touch')
  if (size === 'wide') {
    await page.goto(base + link.pathname + link.hash)
    await page.getByLabel('E-mail').waitFor()
    if (page.url().includes('#')) throw new Failed('the token stays in the address bar')
    await check()
    await hand.fill(page.getByLabel('E-mail'), EMAIL)
    await hand.fill(page.getByLabel('Name'), 'Ada')
    await hand.fill(page.getByLabel('New password'), PASSWORD)
    await hand.press(page.getByRole('button', { name: 'Make the first account' }))
  } else {
    await page.goto('/')
    await page.getByLabel('Password').waitFor()
    await check()
    await hand.fill(page.getByLabel('E-mail'), EMAIL)
    await hand.fill(page.getByLabel('Password'), 'wrong, and known to be')
    await hand.press(page.getByRole('button', { name: 'Sign in' }))
    await page.getByRole('alert').waitFor()
    await hand.fill(page.getByLabel('Password'), PASSWORD)
    await hand.press(page.getByRole('button', { name: 'Sign in' }))
  }
  await page.getByRole('heading', { name: 'What is on the desk' }).waitFor()
  await check()
  const stored = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))
  if (/token|csrf|session/i.test(stored)) throw new Failed(`something secret is stored in the page: ${stored}`)
  const readable = await page.evaluate(() => document.cookie)
  if (/scrivano-session|__Host-scrivano=/.test(readable)) throw new Failed('the session can be read by scripts')
  await page.reload()
  await page.getByRole('heading', { name: 'What is on the desk' }).waitFor()
  if (size === 'wide') {
    await hand.press(page.getByRole('button', { name: 'Sign out' }))
    await page.getByLabel('Password').waitFor()
    await page.goto('/books')
    await page.getByLabel('Password').waitFor()
  }
  // The browser reports refused answers; here they are part of the journey.
  visit.errors = visit.errors.filter((error) => !/status of 40[13]/.test(error))
}
