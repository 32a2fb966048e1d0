import { effectScope } from 'vue'
import { beforeEach, describe, expect, it } from 'vitest'
import { forgetKept, keepFor, kept, keepAs, useKept } from '@/api/kept'
import { orderAgain, orderName, orderOf } from '@/pages/books/order'

const open = (name = 'form') => effectScope().run(() => useKept(name, () => ({ title: '', words: 1000 as number | '' })))!

beforeEach(() => {
  sessionStorage.clear()
  keepFor('')
})

describe('what was typed and is not sent yet', () => {
  it('is there again when the page is opened anew, with what has come since', () => {
    open().draft.title = 'The Keeper'
    sessionStorage.setItem('scrivano.kept./older', JSON.stringify({ title: 'Older' }))
    expect(open().draft).toEqual({ title: 'The Keeper', words: 1000 })
    expect(open('older').draft).toEqual({ title: 'Older', words: 1000 })
    expect(open().touched.value).toBe(true)
  })

  it('is gone when it was sent, or stands as it began', () => {
    const form = open()
    form.draft.title = 'The Keeper'
    form.forget()
    expect(form.draft.title).toBe('')
    expect(sessionStorage.length).toBe(0)
    form.draft.title = 'Another'
    form.draft.title = ''
    expect(form.touched.value).toBe(false)
    expect(sessionStorage.length).toBe(0)
  })

  it('is nobody else’s, and stays in no tab that was signed out of', () => {
    keepFor('ada')
    keepAs('chapter/1', { text: 'Ada’s' })
    keepFor('ben')
    expect(kept('chapter/1')).toBeUndefined()
    keepFor('ada')
    expect(kept('chapter/1')).toEqual({ text: 'Ada’s' })
    forgetKept()
    expect(kept('chapter/1')).toBeUndefined()
  })

  it('survives a storage with nonsense in it', () => {
    sessionStorage.setItem('scrivano.kept./form', '{')
    expect(open().draft.title).toBe('')
  })
})

describe('an order', () => {
  it('that came to nothing is in the wizard again, to be changed', () => {
    const brief = { kind: 'fiction', premise: 'A keeper finds letters.', words: 1500, audience: 'adults', title: null, chapters: null, approve_outline: false } as never
    orderAgain({ brief, project_id: 'p' } as never)
    expect(kept(orderName('p'))).toEqual(orderOf(brief))
    expect(orderOf(brief)).toMatchObject({ kind: 'fiction', subject: 'A keeper finds letters.', words: 1500, audience: 'adults', title: '', approve: false, trim: '6x9' })
  })
})
