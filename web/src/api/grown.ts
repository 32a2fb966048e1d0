// Text that comes in pieces.
/** Put a piece where it belongs; one that begins at 0 begins the text anew. */
export function grown(before: string, from: number, piece: string): string {
  // The service counts characters, a browser counts the halves of some of them.
  if (from === 0) return piece
  const plain = !/[\ud800-\udbff]/.test(before)
  return (plain ? before.slice(0, from) : [...before].slice(0, from).join('')) + piece
}
