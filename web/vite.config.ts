import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import icons from 'unplugin-icons/vite'
import { defineConfig } from 'vitest/config'

const service = process.env.SCRIVANO_URL ?? 'http://127.0.0.1:8020'

export default defineConfig({
  plugins: [vue(), icons({ compiler: 'vue3' })],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    // Into the Python package, which serves it at `/`.
    outDir: '../src/scrivano/api/static',
    emptyOutDir: true,
    // Files of their own rather than data addresses: the content security policy allows no others.
    assetsInlineLimit: 0,
    manifest: true,
  },
  server: { proxy: { '/api': service, '/v1': service } },
  test: { environment: 'jsdom', include: ['tests/unit/**/*.test.ts'] },
})
