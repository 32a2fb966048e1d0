// Dark unless the person chose otherwise; the choice stays in this browser.
import { ref } from 'vue'

export type Theme = 'dark' | 'light'
const KEY = 'scrivano.theme'

export const theme = ref<Theme>(read())

function read(): Theme {
  try {
    return localStorage.getItem(KEY) === 'light' ? 'light' : 'dark'
  } catch {
    return 'dark'
  }
}

export function showTheme(): void {
  document.documentElement.dataset.theme = theme.value
  const ground = theme.value === 'dark' ? '#15171a' : '#faf8f4'
  document.querySelector('meta[name="theme-color"]')?.setAttribute('content', ground)
}

export function switchTheme(): void {
  theme.value = theme.value === 'dark' ? 'light' : 'dark'
  try {
    localStorage.setItem(KEY, theme.value)
  } catch {
    // A browser that stores nothing forgets the choice with the page.
  }
  showTheme()
}

const WIDTH = 'scrivano.sidebar'
/** Whether the sidebar shows only its pictures. */
export const narrow = ref(readWidth())

function readWidth(): boolean {
  try {
    return localStorage.getItem(WIDTH) === 'narrow'
  } catch {
    return false
  }
}

export function switchWidth(): void {
  narrow.value = !narrow.value
  try {
    localStorage.setItem(WIDTH, narrow.value ? 'narrow' : 'wide')
  } catch {
    // Kept for this page only.
  }
}
