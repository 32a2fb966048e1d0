// The rooms of the studio: those of the sidebar that there are pages for.
import type { Component } from 'vue'
import type { Router } from 'vue-router'
import IconBook from '~icons/lucide/book-open-text'
import IconUsage from '~icons/lucide/chart-no-axes-column'
import IconTasks from '~icons/lucide/columns-3'
import IconModels from '~icons/lucide/cpu'
import IconTraining from '~icons/lucide/graduation-cap'
import IconHome from '~icons/lucide/house'
import IconReferences from '~icons/lucide/library'
import IconPrompts from '~icons/lucide/message-square-text'
import IconMusic from '~icons/lucide/music'
import IconPosts from '~icons/lucide/newspaper'
import IconSettings from '~icons/lucide/settings'

const ALL = [
  { nav: 'home', to: '/', icon: IconHome, key: 'h' },
  { nav: 'books', to: '/books', icon: IconBook, key: 'b' },
  { nav: 'posts', to: '/posts', icon: IconPosts, key: 'p' },
  { nav: 'music', to: '/music', icon: IconMusic, key: 'm' },
  { nav: 'references', to: '/references', icon: IconReferences, key: 'r' },
  { nav: 'prompts', to: '/prompts', icon: IconPrompts, key: 'o' },
  { nav: 'tasks', to: '/tasks', icon: IconTasks, key: 't' },
  { nav: 'training', to: '/training', icon: IconTraining, key: 'd' },
  { nav: 'models', to: '/models', icon: IconModels, key: 'l' },
  { nav: 'usage', to: '/usage', icon: IconUsage, key: 'u' },
  { nav: 'settings', to: '/settings', icon: IconSettings, key: 's' },
] as const

export interface Place {
  nav: (typeof ALL)[number]['nav']
  to: string
  icon: Component
  key: string
}

export function placesOf(router: Router): Place[] {
  return ALL.filter((place) => router.resolve(place.to).name !== 'missing')
}

/** Where a room's page stands; one of them leads on to its first. */
export const addressOf = (to: string): string => (to === '/settings' ? '/settings/profile' : to)
