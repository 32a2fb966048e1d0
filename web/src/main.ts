import '@fontsource-variable/inter/index.css'
import '@fontsource-variable/jetbrains-mono/index.css'
import '@fontsource-variable/literata/index.css'
import './styles/tokens.css'
import './styles/base.css'
import './ui/forms.css'
import './ui/tables.css'

import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { createApp } from 'vue'
import App from './App.vue'
import { Problem } from './api/client'
import { router } from './router'
import { fetchAllAhead } from './shell/ahead'
import { addressOf, placesOf } from './shell/places'
import { showTheme } from './shell/theme'

showTheme()

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // What the service refuses it refuses again; a broken line is worth another try.
      retry: (failures, error) => !(error instanceof Problem) && failures < 5,
      retryDelay: (failures) => Math.min(500 * 2 ** failures, 8_000),
    },
  },
})

createApp(App).use(router).use(VueQueryPlugin, { queryClient: queries }).mount('#app')
void fetchAllAhead(router, placesOf(router).map((place) => addressOf(place.to)))
