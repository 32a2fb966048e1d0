/** Put text on the clipboard; false where the browser does not allow it. */
export async function copyText(text: string): Promise<boolean> {
  // By plain HTTP from another machine there is no clipboard object, only the older way through a selection.
  if (typeof navigator.clipboard?.writeText === 'function')
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => bySelection(text),
    )
  return bySelection(text)
}

function bySelection(text: string): boolean {
  const focused = document.activeElement
  const area = document.createElement('textarea')
  area.value = text
  area.className = 'unseen'
  // Inside an open dialog, which keeps the focus to itself.
  ;(document.querySelector('[role=dialog]') ?? document.body).append(area)
  area.select()
  const done = document.execCommand('copy')
  area.remove()
  if (focused instanceof HTMLElement) focused.focus()
  return done
}
