import { ref } from 'vue'

/** Which tab is open beside the text: it stays while one goes from chapter to chapter. */
export const side = ref<'context' | 'scores' | 'versions' | 'origin' | 'comments'>('versions')
