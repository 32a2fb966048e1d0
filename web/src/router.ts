import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import Home from './pages/home/Home.vue'
import { SECTIONS } from './shell/sections'

/** A page of the sidebar has `nav`; its title comes from the catalogue under that name. */
declare module 'vue-router' {
  interface RouteMeta {
    nav?: string
  }
}

const routes: RouteRecordRaw[] = [
  { path: '/', name: 'home', component: Home, meta: { nav: 'home' } },
  { path: '/books', name: 'books', component: () => import('./pages/books/Books.vue'), meta: { nav: 'books' } },
  { path: '/books/new', name: 'new-book', component: () => import('./pages/books/NewBook.vue'), meta: { nav: 'books' } },
  { path: '/books/comparisons', name: 'comparisons', component: () => import('./pages/books/Comparisons.vue'), meta: { nav: 'books' } },
  {
    path: '/books/comparisons/:id',
    name: 'comparison',
    component: () => import('./pages/books/Comparison.vue'),
    meta: { nav: 'books' },
    props: true,
  },
  { path: '/books/:id', name: 'book', component: () => import('./pages/books/Book.vue'), meta: { nav: 'books' }, props: true },
  { path: '/posts', name: 'posts', component: () => import('./pages/posts/Posts.vue'), meta: { nav: 'posts' } },
  { path: '/posts/new', name: 'new-post', component: () => import('./pages/posts/NewPost.vue'), meta: { nav: 'posts' } },
  { path: '/posts/:id', name: 'post', component: () => import('./pages/posts/Post.vue'), meta: { nav: 'posts' }, props: true },
  {
    path: '/books/:id/chapters/:number(\\d+)',
    name: 'chapter',
    component: () => import('./pages/books/Manuscript.vue'),
    meta: { nav: 'books' },
    props: true,
  },
  { path: '/references', name: 'references', component: () => import('./pages/references/References.vue'), meta: { nav: 'references' } },
  {
    path: '/references/:id',
    name: 'reference',
    component: () => import('./pages/references/Reference.vue'),
    meta: { nav: 'references' },
    props: true,
  },
  { path: '/music', name: 'music', component: () => import('./pages/music/Songs.vue'), meta: { nav: 'music' } },
  { path: '/music/taste', name: 'taste', component: () => import('./pages/music/Taste.vue'), meta: { nav: 'music' } },
  { path: '/music/:id', name: 'song', component: () => import('./pages/music/Song.vue'), meta: { nav: 'music' }, props: true },
  { path: '/prompts', name: 'prompts', component: () => import('./pages/prompts/Prompts.vue'), meta: { nav: 'prompts' } },
  { path: '/prompts/templates/:name', name: 'prompt-template', component: () => import('./pages/prompts/Template.vue'), meta: { nav: 'prompts' }, props: true },
  { path: '/prompts/parts/:name', name: 'prompt-part', component: () => import('./pages/prompts/Part.vue'), meta: { nav: 'prompts' }, props: true },
  { path: '/prompts/data-sets', name: 'datasets', component: () => import('./pages/evaluations/DataSets.vue'), meta: { nav: 'prompts' } },
  { path: '/prompts/data-sets/:id', name: 'dataset', component: () => import('./pages/evaluations/DataSet.vue'), meta: { nav: 'prompts' }, props: true },
  { path: '/prompts/data-sets/:id/evaluate', name: 'evaluate', component: () => import('./pages/evaluations/Evaluate.vue'), meta: { nav: 'prompts' }, props: true },
  { path: '/prompts/evaluations/:id', name: 'evaluation', component: () => import('./pages/evaluations/Evaluation.vue'), meta: { nav: 'prompts' }, props: true },
  { path: '/tasks', name: 'tasks', component: () => import('./pages/tasks/Tasks.vue'), meta: { nav: 'tasks' } },
  { path: '/tasks/new', name: 'runner', component: () => import('./pages/tasks/Runner.vue'), meta: { nav: 'tasks' } },
  { path: '/models', name: 'models', component: () => import('./pages/models/Models.vue'), meta: { nav: 'models' } },
  { path: '/usage', name: 'usage', component: () => import('./pages/usage/Usage.vue'), meta: { nav: 'usage' } },
  { path: '/training', name: 'training', component: () => import('./pages/training/Training.vue'), meta: { nav: 'training' } },
  { path: '/settings', redirect: '/settings/profile' },
  {
    path: `/settings/:section(${SECTIONS.join('|')})`,
    name: 'settings',
    component: () => import('./pages/settings/Settings.vue'),
    meta: { nav: 'settings' },
    props: true,
  },
  { path: '/welcome/:kind', name: 'welcome', component: () => import('./pages/welcome/Welcome.vue'), props: true },
  { path: '/:rest(.*)*', name: 'missing', component: () => import('./pages/Missing.vue') },
]

export const router = createRouter({
  history: createWebHistory(),
  routes,
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
})
