export const COVER_STYLES = ['minimalist', 'futuristic', 'playful', 'elegant', 'corporate', 'artistic'] as const
