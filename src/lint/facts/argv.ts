import type { Service } from '../../model/index.ts'

/** What the file says of the words that become PID 1. */
export interface Argv {
  readonly words: readonly string[]
  /** The attribute to change. */
  readonly attribute: 'command' | 'entrypoint'
}

/** Entrypoint and command together; undefined where both are the image's. The image's own entrypoint is taken for one that execs. */
export function argvOf({ entrypoint, command }: Service): Argv | undefined {
  const words = [...(entrypoint ?? []), ...(command ?? [])]
  if (words.length === 0) return undefined
  // `entrypoint: [sh, -c]` with the script as command, and entrypoints that the command is the arguments of.
  const attribute =
    command?.length && (!entrypoint?.length || shellOf(entrypoint) !== undefined) ? 'command' : 'entrypoint'
  return { words, attribute }
}

/** A call of a shell. */
export interface ShellCall {
  /** `sh`, `bash` … */
  readonly shell: string
  /** The text after -c; undefined for a script file, or for a shell that reads its input. */
  readonly script?: string
  /** What follows the script: its $0, $1 … */
  readonly rest: readonly string[]
}

const SHELLS = new Set(['sh', 'bash', 'dash', 'ash', 'zsh', 'ksh'])

/** The shell that words call, `env bash -c` included; undefined for any other program. */
export function shellOf(words: readonly string[]): ShellCall | undefined {
  const [first = '', ...rest] = words
  const name = baseName(first)
  if (name === 'env') return rest.length > 0 ? shellOf(rest) : undefined
  if (!SHELLS.has(name)) return undefined
  for (let at = 0; at < rest.length; at++) {
    const word = rest[at] ?? ''
    if (!/^[-+]/.test(word)) break
    if (/^-[a-zA-Z]*c/.test(word)) {
      // `-o pipefail -c` and `-eo pipefail -c` differ from `-ceu script`: an `o` takes the next word.
      const skip = /^-[a-zA-Z]*o/.test(word) ? 2 : 1
      const script = rest[at + skip]
      return { shell: name, ...(script === undefined ? {} : { script }), rest: rest.slice(at + skip + 1) }
    }
    if (/^[-+][a-zA-Z]*[oO]$/.test(word)) at++
  }
  return { shell: name, rest }
}

/** `sh` of `/bin/sh`. */
function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** A script without what is in quotes, so that operators in it are the shell's. */
export function withoutQuotes(script: string): string {
  return script.replace(/\\[\s\S]|'[^']*'|"(?:\\[\s\S]|[^"\\])*"/g, '_')
}
