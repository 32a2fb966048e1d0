// Where the bars stand on an engraved page, as shares of its width and height.
export interface Measure {
  x: number
  y: number
  width: number
  height: number
}

/** Reads the engraver's SVG as text: nothing of it is put into the page. Empty where its form is another. */
export function measuresOf(svg: string): Measure[] {
  const page = new DOMParser().parseFromString(svg, 'image/svg+xml')
  const inner = page.querySelector('svg.definition-scale') ?? page.documentElement
  const box = (inner.getAttribute('viewBox') ?? '').split(/\s+/).map(Number)
  const [, , width = 0, height = 0] = box
  if (!width || !height) return []
  const margin = /translate\(([-\d.]+)[ ,]+([-\d.]+)\)/.exec(page.querySelector('.page-margin')?.getAttribute('transform') ?? '')
  const [left, top] = [Number(margin?.[1] ?? 0), Number(margin?.[2] ?? 0)]
  const found: Measure[] = []
  for (const measure of page.querySelectorAll('g.measure')) {
    const xs: number[] = []
    const ys: number[] = []
    for (const line of measure.querySelectorAll('g.staff > path')) {
      const numbers = (line.getAttribute('d') ?? '').match(/-?[\d.]+/g)?.map(Number) ?? []
      for (let n = 0; n + 1 < numbers.length; n += 2) {
        xs.push(left + numbers[n]!)
        ys.push(top + numbers[n + 1]!)
      }
    }
    if (!xs.length) continue
    const [x, y] = [Math.min(...xs), Math.min(...ys)]
    found.push({ x: x / width, y: y / height, width: (Math.max(...xs) - x) / width, height: (Math.max(...ys) - y) / height })
  }
  return found
}
