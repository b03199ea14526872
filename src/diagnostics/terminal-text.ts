const ESCAPE = 0x1b
const SGR = /^\x1b\[[0-9;:]*m/

/**
 * Text of a container that is safe to show on a terminal: colours (SGR) stay, every other control character and escape
 * sequence is shown in caret notation, so that a log line can neither move the cursor over its prefix nor write the
 * clipboard or the title (OSC 52, OSC 0). 8-bit C1 controls count as well.
 */
export function terminalText(text: string): string {
  let shown = ''
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at)
    if (code === ESCAPE) {
      const color = SGR.exec(text.slice(at, at + 32))
      shown += color ? color[0] : '^['
      at += color ? color[0].length : 1
      continue
    }
    shown += isControl(code) ? caret(code) : text[at]
    at += 1
  }
  return shown
}

const isControl = (code: number): boolean => (code < 0x20 && code !== 0x09) || (code >= 0x7f && code < 0xa0)

function caret(code: number): string {
  if (code === 0x0d) return ''
  return code < 0x20
    ? `^${String.fromCharCode(code + 0x40)}`
    : code === 0x7f
      ? '^?'
      : `\\x${code.toString(16)}`
}
