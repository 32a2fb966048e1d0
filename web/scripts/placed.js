// Which calls of the API belong to a project, read off openapi.json. Run by `npm run types`.
import { readFileSync, writeFileSync } from 'node:fs'

const { paths, components } = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8'))
// These are looked at across projects; their pages say themselves which one they mean.
const ACROSS = /^\/api\/(notifications|usage|requests|keys|routes)/
const query = []
const body = []
const named = (schema) => (schema.$ref ? components.schemas[schema.$ref.split('/').pop()] : schema)
for (const [path, methods] of Object.entries(paths)) {
  if (ACROSS.test(path)) continue
  for (const [method, operation] of Object.entries(methods)) {
    const call = `${method.toUpperCase()} ${path}`
    if (operation.parameters?.some((one) => one.in === 'query' && one.name === 'project_id')) query.push(call)
    const schema = operation.requestBody?.content?.['application/json']?.schema
    if (schema && named(schema).properties?.project_id) body.push(call)
  }
}
const list = (calls) => calls.map((call) => `  '${call}',\n`).join('')
writeFileSync(
  new URL('../src/api/placed.ts', import.meta.url),
  `// Written by scripts/placed.js out of openapi.json: calls that name a project.
export const IN_QUERY: ReadonlySet<string> = new Set([
${list(query)}])
export const IN_BODY: ReadonlySet<string> = new Set([
${list(body)}])
`,
)
