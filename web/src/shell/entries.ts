// What the palette offers: every page, every setting, every action, and what was made.
import { useQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { useRouter } from 'vue-router'
import { api, take } from '@/api/client'
import { chooseProject, project } from '@/api/project'
import { language, speak, t } from '@/strings'
import type { PaletteEntry } from '@/ui/Palette.vue'
import { SECTIONS } from './sections'
import type { Place } from './places'
import { useProjects } from './projects'
import { leave, person } from './session'
import { switchTheme, switchWidth, theme } from './theme'

/** `wanted`: whether anybody has looked for anything yet; until then nothing is read for it. */
export function usePaletteEntries(places: Place[], wanted: Ref<boolean>, showShortcuts: () => void) {
  const router = useRouter()
  const { projects } = useProjects()
  const list = { params: { query: { limit: 200 } } }
  const { data: books } = useQuery({ queryKey: ['books'], queryFn: () => take(api.GET('/api/books', list)), enabled: wanted })
  const { data: songs } = useQuery({ queryKey: ['songs'], queryFn: () => take(api.GET('/api/music/arrangements', list)), enabled: wanted })
  const { data: posts } = useQuery({ queryKey: ['posts', 'all'], queryFn: () => take(api.GET('/api/posts', list)), enabled: wanted })
  const { data: templates } = useQuery({ queryKey: ['prompt-templates', 'named'], queryFn: () => take(api.GET('/api/prompt-templates', list)), enabled: wanted })
  const go = (to: string) => () => router.push(to)
  const has = (to: string) => router.resolve(to).name !== 'missing'

  return computed<PaletteEntry[]>(() => {
    const action = t().shell.actions
    const actions: PaletteEntry[] = [
      { id: 'new-book', title: t().books.new, more: action, run: go('/books/new') },
      { id: 'new-post', title: t().posts.new, more: action, run: go('/posts/new') },
      { id: 'new-task', title: t().tasks.new, more: action, run: go('/tasks/new') },
      { id: 'new-data-set', title: t().evaluations.new, more: action, run: go('/prompts/data-sets?new=1') },
      { id: 'new-song', title: t().music.new, more: action, run: go('/music') },
      { id: 'new-project', title: t().shell.newProject, more: action, run: go('/settings/projects?new=1') },
      { id: 'find-servers', title: t().models.find, more: action, run: go('/models?find=1') },
      { id: 'add-provider', title: t().models.add, more: action, run: go('/models?add=1') },
      { id: 'theme', title: theme.value === 'dark' ? t().theme.light : t().theme.dark, more: action, run: switchTheme },
      { id: 'width', title: `${t().nav.collapse} / ${t().nav.expand}`, more: action, run: switchWidth },
      { id: 'language', title: t().shell.language, more: t().shell.languageMore, run: () => speak(language.value === 'en' ? 'de' : 'en') },
      { id: 'shortcuts', title: t().shell.shortcuts, more: '?', run: showShortcuts },
    ]
    if (person.value) actions.push({ id: 'out', title: t().welcome.signOut, more: action, run: leave })
    return [
      ...places.map((place) => ({ id: place.to, title: t().nav[place.nav], more: `g ${place.key}`, run: go(place.to) })),
      ...actions,
      { id: 'data-sets', title: t().evaluations.toTitle, more: t().nav.prompts, run: go('/prompts/data-sets') },
      { id: 'taste', title: t().music.taste, more: t().nav.music, run: go('/music/taste') },
      ...SECTIONS.filter((name) => has(`/settings/${name}`)).map((name) => ({
        id: `settings-${name}`,
        title: t().settings.sections[name],
        more: t().nav.settings,
        run: go(`/settings/${name}`),
      })),
      ...(projects.value ?? [])
        .filter((one) => one.id !== project.value)
        .map((one) => ({ id: `project-${one.id}`, title: one.name, more: t().shell.project, run: () => chooseProject(one.id) })),
      ...(books.value ?? []).map((one) => ({
        id: one.id,
        title: one.title || t().books.untitled,
        more: t().nav.books,
        run: go(`/books/${one.id}`),
      })),
      ...(posts.value ?? []).map((one) => ({ id: one.id, title: one.title, more: t().nav.posts, run: go(`/posts/${one.id}`) })),
      ...(templates.value ?? []).map((one) => ({ id: `prompt-${one.name}`, title: one.name, more: t().nav.prompts, run: go(`/prompts/templates/${one.name}`) })),
      ...(songs.value ?? []).map((one) => ({ id: one.id, title: one.title, more: t().nav.music, run: go(`/music/${one.id}`) })),
    ]
  })
}
