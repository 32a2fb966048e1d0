// The service counts characters as Unicode has them; a browser counts the halves of some of them.

/** How many characters come before `at`, a place in a string of the browser. */
export function toCharacters(text: string, at: number): number {
  let count = 0
  for (let i = 0; i < at && i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit >= 0xd800 && unit < 0xdc00 && i + 1 < text.length) i++
    count++
  }
  return count
}

/** The place in a string of the browser behind so many characters. */
export function toPlace(text: string, characters: number): number {
  let place = 0
  for (let left = characters; left > 0 && place < text.length; left--) {
    const unit = text.charCodeAt(place)
    place += unit >= 0xd800 && unit < 0xdc00 && place + 1 < text.length ? 2 : 1
  }
  return place
}

/** Where `quote` stands in `text`: at the place that was told, else nearest to it; null where it stands no more. */
export function findQuote(text: string, quote: string, near = 0): { from: number; to: number } | null {
  if (!quote) return null
  if (text.startsWith(quote, near)) return { from: near, to: near + quote.length }
  const after = text.indexOf(quote, near)
  const before = text.lastIndexOf(quote, near)
  const from = after < 0 ? before : before < 0 || after - near <= near - before ? after : before
  return from < 0 ? null : { from, to: from + quote.length }
}

export function countWords(text: string): number {
  return text.match(/[^\s]+/g)?.length ?? 0
}
