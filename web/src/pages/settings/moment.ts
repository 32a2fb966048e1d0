// Dates as the studio's language writes them.
import { language } from '@/strings'

export const day = (at: string) => new Date(at).toLocaleDateString(language.value, { dateStyle: 'medium' })
export const moment = (at: string) => new Date(at).toLocaleString(language.value, { dateStyle: 'medium', timeStyle: 'short' })
