// The wire formats that a provider can speak, by their own names.
export const KINDS: Record<string, string> = {
  openai_compatible: 'OpenAI-compatible',
  anthropic: 'Anthropic',
  gemini: 'Gemini',
  cloudflare: 'Cloudflare',
}
