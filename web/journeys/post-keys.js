// A post from an idea to a page in a Hugo folder, by keyboard alone.
import { Failed } from './browser.js'
import { keyboard } from './keys.js'

// Whoever has a keyboard has a wide screen.
export const sizes = ['wide']
export default async function journey({ page, size }) {
  const { press, type, to } = keyboard(page)
  const button = (name) => page.getByRole('button', { name })
  await page.goto('/posts')
  await page.getByRole('link', { name: 'New post' }).first().waitFor()
  await press(page.getByRole('link', { name: 'New post' }))
  await type(page.getByLabel('What is it about?'), `Glue by keys, ${size}`)
  await press(button('Begin the post'))

  await press(button('Automate with LLM: Find the angle'))
  await page.locator('.messages pre').first().waitFor()
  await press(button(/^Run( for .*)?$/))
  const proposal = page.getByRole('region', { name: 'Proposal: Find the angle' })
  await proposal.waitFor()
  await press(proposal.getByRole('button', { name: 'Accept' }))
  await proposal.waitFor({ state: 'detached' })
  await press(button('On to Research'))
  await page.getByText('Moved to Research.').first().waitFor()

  const sources = page.locator('.stage .sources')
  await press(sources.getByRole('button', { name: 'Add a source' }))
  await type(sources.getByLabel('Address'), 'https://example.org/hide')
  await type(sources.getByLabel('Title'), 'Hide glue')
  await page.keyboard.press('Enter')
  await sources.getByRole('link', { name: 'Hide glue' }).waitFor()
  await press(button('On to Outline'))
  await page.getByText('Moved to Outline.').first().waitFor()

  await press(button('Add a section'))
  await page.keyboard.insertText('What holds')
  await press(button('Add a section'))
  await page.keyboard.insertText('How to use it')
  await press(button('Move section 2 up'))
  await page.waitForFunction(() => document.querySelector('.section input.heading')?.value === 'How to use it')
  await press(button('On to Draft'))
  await page.getByText('Moved to Draft.').first().waitFor()
  const words = 'The joint is cleaned down to bare wood before anything new goes into it. '.repeat(6)
  await type(page.getByLabel('Text', { exact: true }), `${words}Old hide glue lets go when it is warmed.[^1]`)
  await page.keyboard.press('Control+s')
  await page.getByText('Everything is kept.').waitFor()
  await press(button('On to Edit'))
  await page.getByText('Moved to Edit.').first().waitFor()
  await press(button('On to Metadata'))
  await page.getByText('Moved to Metadata.').first().waitFor()
  await type(page.getByLabel('Summary', { exact: true }), 'Which glue holds.')
  await type(page.getByLabel('Address', { exact: true }), `glue-by-keys-${size}`)
  await page.keyboard.press('Control+s')
  await page.getByText('Everything is kept.').waitFor()

  // The last stage is looked at, a place made if there is none, the dry run read, the page published.
  await press(page.getByRole('navigation', { name: 'Stages of the post' }).getByRole('button', { name: 'Publish' }), 'Space')
  await button('Add a place').waitFor()
  const name = page.locator('.stage').getByLabel('Name', { exact: true })
  if (!(await name.count())) await press(button('Add a place'))
  const place = `keys-${size}-${Date.now().toString(36)}`
  await type(name, place)
  await page.keyboard.press('Enter')
  await page.getByRole('checkbox', { name: place }).waitFor()
  await press(button('Look at what would be published'))
  await page.getByText(`glue-by-keys-${size}`, { exact: false }).first().waitFor()
  await to(button('Cancel'))
  await press(button('Publish').and(page.getByText('Publish', { exact: true })))
  await page.locator('.stage').getByText('published', { exact: true }).waitFor()
  const focused = await page.evaluate(() => document.activeElement?.tagName)
  if (!focused) throw new Failed('the focus is lost')
}
