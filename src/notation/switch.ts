/** Whether a switch in the environment, a label, a filter or a Dockerfile is on (`1`, `t`, `true`) or off (`0`, `f`, `false`), in any case; undefined when the text says neither. */
export function parseSwitch(text: string | undefined): boolean | undefined {
  if (/^(?:1|t|true)$/i.test(text ?? '')) return true
  return /^(?:0|f|false)$/i.test(text ?? '') ? false : undefined
}
