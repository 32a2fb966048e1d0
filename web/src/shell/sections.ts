// The pages of the settings, in their order: first one's own, then the project's, then the installation's.
export const SECTIONS = [
  'profile',
  'security',
  'keys',
  'notifications',
  'taste',
  'projects',
  'publishing',
  'webhooks',
  'workflows',
  'people',
  'budgets',
  'packs',
  'audit',
  'backup',
] as const

export type Section = (typeof SECTIONS)[number]
