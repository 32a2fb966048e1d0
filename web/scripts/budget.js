// The JavaScript that the first page needs, gzipped, must stay below 250 kB. Run after `npm run build`.
import { existsSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const BUDGET = 250_000
const folder = new URL('../../src/scrivano/api/static/', import.meta.url)
const manifestFile = new URL('.vite/manifest.json', folder)
if (!existsSync(manifestFile)) {
  console.log('Nothing built yet, so no size to check: npm run build')
  process.exit(0)
}
const manifest = JSON.parse(readFileSync(manifestFile, 'utf8'))
const needed = new Set()
const collect = (key) => {
  const chunk = manifest[key]
  if (!chunk || needed.has(chunk.file)) return
  needed.add(chunk.file)
  for (const other of chunk.imports ?? []) collect(other)
}
for (const [key, chunk] of Object.entries(manifest)) if (chunk.isEntry) collect(key)
const size = [...needed]
  .filter((file) => file.endsWith('.js'))
  .reduce((sum, file) => sum + gzipSync(readFileSync(new URL(file, folder))).length, 0)
console.log(`First load: ${(size / 1000).toFixed(1)} kB of JavaScript, gzipped (at most ${BUDGET / 1000}).`)
if (size > BUDGET) process.exit(1)
