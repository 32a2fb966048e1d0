import { describe, expect, it } from 'vitest'
import { measuresOf } from '@/pages/music/measures'

const page = `<svg xmlns="http://www.w3.org/2000/svg"><svg class="definition-scale" viewBox="0 0 2000 1000">
<g class="page-margin" transform="translate(100, 50)"><g class="measure">
<g class="staff"><path d="M0 100 L400 100"/><path d="M0 200 L400 200"/></g></g>
<g class="measure"><g class="staff"><path d="M400 100 L900 100"/></g></g></g></svg></svg>`

describe('the bars of an engraved page', () => {
  it('stand where their staff lines stand', () => {
    expect(measuresOf(page)).toEqual([
      { x: 0.05, y: 0.15, width: 0.2, height: 0.1 },
      { x: 0.25, y: 0.15, width: 0.25, height: 0 },
    ])
  })

  it('are none where the picture is another', () => {
    expect(measuresOf('<svg xmlns="http://www.w3.org/2000/svg"/>')).toEqual([])
    expect(measuresOf('no picture')).toEqual([])
  })
})
