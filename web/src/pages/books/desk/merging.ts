// Comparing texts word by word, and joining what two people made of the same one. Pure functions over strings.

export interface Piece {
  kind: 'same' | 'added' | 'removed'
  text: string
}

interface Change {
  a: [number, number]
  b: [number, number]
}

/** Above this many steps two sequences are taken for wholly different: the search is quadratic in what differs. */
const MOST_STEPS = 4_000

/** What differs between two sequences, in order (the shortest script of edits, by Myers). */
export function changes(a: readonly string[], b: readonly string[]): Change[] {
  let head = 0
  const shorter = Math.min(a.length, b.length)
  while (head < shorter && a[head] === b[head]) head++
  let tail = 0
  while (tail < shorter - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++
  const n = a.length - head - tail
  const m = b.length - head - tail
  if (n === 0 && m === 0) return []
  const all: Change[] = [{ a: [head, head + n], b: [head, head + m] }]
  if (n === 0 || m === 0) return all
  const trace: Int32Array[] = []
  const most = Math.min(n + m, MOST_STEPS)
  const width = 2 * most + 3
  const middle = most + 1
  const furthest = new Int32Array(width)
  for (let d = 0; d <= most; d++) {
    trace.push(furthest.slice(middle - d - 1, middle + d + 2))
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && (furthest[middle + k - 1] ?? 0) < (furthest[middle + k + 1] ?? 0))
      let x = down ? (furthest[middle + k + 1] ?? 0) : (furthest[middle + k - 1] ?? 0) + 1
      let y = x - k
      while (x < n && y < m && a[head + x] === b[head + y]) {
        x++
        y++
      }
      furthest[middle + k] = x
      if (x >= n && y >= m) return walkBack(trace, n, m, head)
    }
  }
  return all
}

function walkBack(trace: Int32Array[], n: number, m: number, head: number): Change[] {
  const found: Change[] = []
  let x = n
  let y = m
  for (let d = trace.length - 1; d > 0; d--) {
    const before = trace[d] ?? new Int32Array(0)
    const at = (k: number) => before[k + d + 1] ?? 0
    const k = x - y
    const down = k === -d || (k !== d && at(k - 1) < at(k + 1))
    const from = down ? k + 1 : k - 1
    const px = at(from)
    const py = px - from
    // The diagonal behind this step is what both have; the step itself is one piece more or less.
    const sx = down ? px : px + 1
    const sy = down ? py + 1 : py
    const last = found[found.length - 1]
    if (last && last.a[0] === head + sx && last.b[0] === head + sy) {
      last.a[0] = head + px
      last.b[0] = head + py
    } else found.push({ a: [head + px, head + sx], b: [head + py, head + sy] })
    x = px
    y = py
  }
  return found.reverse()
}

const WORDS = /\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu

/** Two texts word by word: without what is added the old one, without what is removed the new one. */
export function byWords(before: string, after: string): Piece[] {
  const a = before.match(WORDS) ?? []
  const b = after.match(WORDS) ?? []
  const pieces: Piece[] = []
  const put = (kind: Piece['kind'], words: readonly string[]) => {
    if (words.length) pieces.push({ kind, text: words.join('') })
  }
  let at = 0
  for (const change of changes(a, b)) {
    put('same', a.slice(at, change.a[0]))
    put('removed', a.slice(...change.a))
    put('added', b.slice(...change.b))
    at = change.a[1]
  }
  put('same', a.slice(at))
  return pieces
}

export interface Merged {
  text: string
  /** How many places both changed, each differently: there the text has mine. */
  disputed: number
  /** How many of their changes are in the text. */
  joined: number
}

/** My text with what they changed elsewhere since the version that both began with. Nothing of mine is left out. */
export function merge(base: string, mine: string, theirs: string): Merged {
  const lines = base.split('\n')
  const own = mine.split('\n')
  const other = theirs.split('\n')
  const left = changes(lines, own)
  const right = changes(lines, other)
  const out: string[] = []
  let at = 0
  let disputed = 0
  let joined = 0
  let i = 0
  let j = 0
  while (i < left.length || j < right.length) {
    const from = Math.min(left[i]?.a[0] ?? Infinity, right[j]?.a[0] ?? Infinity)
    out.push(...lines.slice(at, from))
    // All changes of either side that touch one another are one place.
    let to = from
    const firstLeft = i
    const firstRight = j
    for (;;) {
      const l = left[i]
      const r = right[j]
      const touches = (change: Change | undefined, start: boolean) =>
        !!change && (change.a[0] < to || (change.a[0] === to && (start || change.a[0] === change.a[1])))
      const begun = i > firstLeft || j > firstRight
      if (touches(l, !begun)) {
        to = Math.max(to, l?.a[1] ?? to)
        i++
      } else if (touches(r, !begun)) {
        to = Math.max(to, r?.a[1] ?? to)
        j++
      } else break
    }
    const myPart = part(own, left.slice(firstLeft, i), from, to)
    const theirPart = part(other, right.slice(firstRight, j), from, to)
    if (i === firstLeft) {
      out.push(...theirPart)
      joined++
    } else {
      out.push(...myPart)
      if (j > firstRight && myPart.join('\n') !== theirPart.join('\n')) disputed++
    }
    at = to
  }
  out.push(...lines.slice(at))
  return { text: out.join('\n'), disputed, joined }

  function part(side: readonly string[], its: readonly Change[], from: number, to: number): string[] {
    const made: string[] = []
    let here = from
    for (const change of its) {
      made.push(...lines.slice(here, change.a[0]), ...side.slice(...change.b))
      here = change.a[1]
    }
    return [...made, ...lines.slice(here, to)]
  }
}
