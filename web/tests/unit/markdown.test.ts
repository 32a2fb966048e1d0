import { createApp, h } from 'vue'
import { expect, test } from 'vitest'
import Markdown from '@/ui/Markdown.vue'

function shown(text: string): HTMLElement {
  const root = document.createElement('div')
  createApp({ render: () => h(Markdown, { text }) }).mount(root)
  return root
}

const HOSTILE = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<svg onload=alert(1)>',
  '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
  '[x](javascript:alert(1))',
  '[x](JaVaScRiPt:alert(1))',
  '[x](data:text/html;base64,PHNjcmlwdD4=)',
  '[x](vbscript:msgbox(1))',
  '![x](javascript:alert(1))',
  '<iframe src="javascript:alert(1)"></iframe>',
  '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>',
  '<a href="//evil.example">x</a>',
  '<form action="https://evil.example"><input name=a></form>',
  '<style>*{background:url(https://evil.example)}</style>',
  '<div style="position:fixed;inset:0">x</div>',
  '<object data="data:text/html,x"></object>',
  '"><script>alert(1)</script>',
  '<a href="java&#10;script:alert(1)">x</a>',
]

test.each(HOSTILE)('nothing executes: %s', (text) => {
  const root = shown(text)
  for (const element of root.querySelectorAll('*')) {
    expect(['SCRIPT', 'IFRAME', 'OBJECT', 'SVG', 'STYLE', 'FORM', 'INPUT', 'IMG', 'MATH']).not.toContain(element.tagName.toUpperCase())
    for (const attribute of element.attributes) {
      expect(attribute.name.startsWith('on')).toBe(false)
      if (attribute.name === 'href') expect(attribute.value).toMatch(/^(https?:|mailto:|#|\/(?!\/))/i)
      expect(attribute.name).not.toBe('style')
    }
  }
})

test('prose keeps its marks', () => {
  const root = shown('# A\n\n*b* **c** [d](https://example.org)\n\n- e\n\n> f')
  expect([...root.querySelectorAll('h1, em, strong, a, li, blockquote')].map((e) => e.tagName)).toEqual([
    'H1', 'EM', 'STRONG', 'A', 'LI', 'BLOCKQUOTE',
  ])
})

test('HTML is shown as the text that it is', () => {
  const root = shown('one <b onclick="x">two</b> H<sub>2</sub>O\n\n<div>three</div>\n\n![four](https://example.org/p.png)')
  expect(root.textContent).toContain('<b onclick="x">two</b>')
  expect(root.textContent).toContain('<div>three</div>')
  expect(root.textContent).toContain('four')
  expect(root.querySelector('sub')?.textContent).toBe('2')
  expect(root.querySelectorAll('.prose b, .prose div, img')).toHaveLength(0)
})
