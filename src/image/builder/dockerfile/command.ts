import type { Command } from './instruction.ts'
import { parseJsonList } from './words.ts'

/** JSON form where the text is a list of strings, else a line for the shell. */
export function commandOf(text: string): Command {
  const argv = parseJsonList(text)
  return argv === undefined ? { form: 'shell', line: text } : { form: 'exec', argv }
}
