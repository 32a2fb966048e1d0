import js from '@eslint/js'
import vue from 'eslint-plugin-vue'
import ts from 'typescript-eslint'

const wrapped = ['reka-ui', 'reka-ui/*', 'dompurify', 'marked', '@codemirror/*', '@lezer/*', '@tanstack/vue-virtual', 'spessasynth_lib']

export default ts.config(
  { ignores: ['node_modules', 'src/api/schema.d.ts'] },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...vue.configs['flat/recommended'],
  {
    files: ['**/*.vue'],
    languageOptions: { parserOptions: { parser: ts.parser } },
  },
  {
    rules: {
      // TypeScript knows what is defined.
      'no-undef': 'off',
      'vue/multi-word-component-names': 'off',
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/html-self-closing': 'off',
      'vue/no-v-html': 'error',
      'no-restricted-imports': ['error', { patterns: [{ group: wrapped, message: 'Use what src/ui wraps.' }] }],
    },
  },
  { files: ['src/ui/**'], rules: { 'no-restricted-imports': 'off', 'vue/no-v-html': 'off' } },
  { files: ['scripts/**', 'journeys/**', '*.config.*'], languageOptions: { globals: { process: 'readonly', console: 'readonly' } } },
)
