// More posts than one page of the list holds: none of them is out of reach.
import { Failed } from './browser.js'

const COUNT = 203

export default async function journey({ page, size, project, check }) {
  const title = (n) => `Post ${n} of many, ${size}`
  for (let n = 1; n <= COUNT; n++) {
    const made = await page.request.post('/api/posts', { params: { project_id: project }, data: { title: title(n), topic: title(n), fields: {} } })
    if (!made.ok()) throw new Failed(await made.text())
  }
  await page.goto('/posts')
  await page.getByRole('button', { name: 'List' }).click()
  await page.getByRole('link', { name: title(COUNT), exact: true }).waitFor()
  if (await page.getByRole('link', { name: title(1), exact: true }).count()) throw new Failed('all stand in the first page')
  await page.getByRole('button', { name: 'Show more', exact: true }).click()
  await page.getByRole('link', { name: title(1), exact: true }).waitFor()
  if ((await page.getByRole('link', { name: title(COUNT), exact: true }).count()) !== 1) throw new Failed('a post stands there twice')
  await check()
}
