/** One line of a comparison; `place` stands between two stretches that are apart. */
export interface ComparedLine {
  kind: 'same' | 'added' | 'removed' | 'place'
  text: string
}

/** The lines of a unified diff without its head. */
export function readUnified(unified: string): ComparedLine[] {
  const lines: ComparedLine[] = []
  let begun = false
  for (const line of unified.split('\n')) {
    if (line.startsWith('@@')) {
      if (begun) lines.push({ kind: 'place', text: '⋯' })
      begun = true
    } else if (!begun) continue
    else if (line.startsWith('+')) lines.push({ kind: 'added', text: line.slice(1) })
    else if (line.startsWith('-')) lines.push({ kind: 'removed', text: line.slice(1) })
    else if (line.startsWith(' ')) lines.push({ kind: 'same', text: line.slice(1) })
  }
  return lines
}

/** The two texts compared line by line: the longest common run of lines stays. */
export function compareTexts(before: string, after: string): ComparedLine[] {
  const old = before === '' ? [] : before.split('\n')
  const now = after === '' ? [] : after.split('\n')
  if (old.length * now.length > 4_000_000)
    return [...old.map((text) => ({ kind: 'removed', text }) as const), ...now.map((text) => ({ kind: 'added', text }) as const)]
  const width = now.length + 1
  const common = new Uint32Array((old.length + 1) * width)
  const at = (i: number, j: number) => common[i * width + j] ?? 0
  for (let i = old.length - 1; i >= 0; i--)
    for (let j = now.length - 1; j >= 0; j--)
      common[i * width + j] = old[i] === now[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
  const lines: ComparedLine[] = []
  let i = 0
  let j = 0
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) {
      lines.push({ kind: 'same', text: old[i] ?? '' })
      i++
      j++
    } else if (i < old.length && (j >= now.length || at(i + 1, j) >= at(i, j + 1))) lines.push({ kind: 'removed', text: old[i++] ?? '' })
    else lines.push({ kind: 'added', text: now[j++] ?? '' })
  }
  return lines
}
