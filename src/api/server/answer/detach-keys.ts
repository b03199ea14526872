import { failure } from '../../../diagnostics/index.ts'

const CONTROL: Readonly<Record<string, number>> = { '@': 0, '[': 27, '\\': 28, ']': 29, '^': 30, _: 31 }

/** Ctrl-P Ctrl-Q. */
export const DEFAULT_DETACH_KEYS: readonly number[] = [16, 17]

/** `ctrl-a`, `ctrl-[`, or a plain character, with commas between. Throws `DETACH_KEYS`. */
export function parseDetachKeys(text: string | undefined): readonly number[] {
  if (text === undefined) return DEFAULT_DETACH_KEYS
  return text.split(',').map(key => {
    const control = /^ctrl-([a-z@[\\\]^_])$/.exec(key)?.[1]
    if (control !== undefined) return CONTROL[control] ?? control.charCodeAt(0) - 96
    if (key.length === 1) return key.charCodeAt(0)
    throw failure({
      code: 'DETACH_KEYS',
      kind: 'invalidArgument',
      summary: `Read the detach keys: got "${key}", want "ctrl-<letter>" or one character`,
      facts: { keys: text },
    })
  })
}

/** What of a chunk of keys is the process's, and whether the detach keys were pressed. */
export interface Keys {
  readonly pass: Buffer
  readonly detached: boolean
}

/**
 * Looks for the detach keys in what is typed. Keys that begin the sequence are held back until the next one tells, as
 * Docker does: that is why Ctrl-P needs two presses in a shell.
 */
export function detachFilter(sequence: readonly number[]): (chunk: Buffer) => Keys {
  let held = 0
  return chunk => {
    const pass: number[] = []
    for (const byte of chunk) {
      if (byte === sequence[held]) {
        held += 1
        if (held === sequence.length) return { pass: Buffer.from(pass), detached: true }
        continue
      }
      pass.push(...sequence.slice(0, held))
      held = byte === sequence[0] ? 1 : 0
      if (held === 0) pass.push(byte)
    }
    return { pass: Buffer.from(pass), detached: false }
  }
}
