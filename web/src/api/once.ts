// A key of its own for an order that must be carried out once, however often it is sent.
export function onceKey(): string {
  // `randomUUID` is missing where a studio is opened by plain HTTP from another machine of the house.
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
