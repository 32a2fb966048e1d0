import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import vue from '@vitejs/plugin-vue'
import icons from 'unplugin-icons/vite'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

// The pages that the sidebar leads to.
const ROOMS = /[\\/]pages[\\/](books[\\/]Books|posts[\\/]Posts|music[\\/]Songs|references[\\/]References|prompts[\\/]Prompts|tasks[\\/]Tasks|training[\\/]Training|models[\\/]Models|usage[\\/]Usage|settings[\\/](Settings|Profile))\.vue/

const service = process.env.SCRIVANO_URL ?? 'http://127.0.0.1:8020'

/** Beside every file of text the same one packed, so that the service need not pack it anew for each visitor. */
function packed(): Plugin {
  let folder = ''
  return {
    name: 'packed',
    apply: 'build',
    configResolved: (config) => void (folder = join(config.root, config.build.outDir)),
    closeBundle() {
      for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
        if (/\.(js|css|html|svg|json|wasm)$/.test(file)) writeFileSync(join(folder, `${file}.gz`), gzipSync(readFileSync(join(folder, file)), { level: 9 }))
      }
    },
  }
}

export default defineConfig({
  plugins: [vue(), icons({ compiler: 'vue3' }), packed()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    // Into the Python package, which serves it at `/`.
    outDir: '../src/scrivano/api/static',
    emptyOutDir: true,
    // Files of their own rather than data addresses: the content security policy allows no others.
    assetsInlineLimit: 0,
    manifest: true,
    rolldownOptions: {
      output: {
        // Two files rather than sixty: what the first page needs, and all the pages that are one step away. Each file is
        // a request that the service answers between those of the page that is open.
        codeSplitting: {
          groups: [
            { name: 'start', tags: ['$initial'], priority: 2 },
            { name: 'rooms', test: ROOMS, priority: 1 },
          ],
        },
      },
    },
  },
  // The service takes changes only from pages of its own address, so it has to see the one that the browser has.
  server: { proxy: { '/api': { target: service, changeOrigin: false }, '/v1': { target: service, changeOrigin: false } } },
  test: { environment: 'jsdom', include: ['tests/unit/**/*.test.ts'] },
})
