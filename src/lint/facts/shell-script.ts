import { withoutQuotes } from './argv.ts'

/** Shells by how they run the last command: dash (Debian's sh) forks, bash execs a plain one, BusyBox's (Alpine's sh) execs more. */
export type ShellKind = 'dash' | 'bash' | 'busybox'

/** Which shell an image's `sh` is, as far as its name tells. */
export function shellKind(shell: string, image = ''): ShellKind {
  if (shell === 'ash') return 'busybox'
  if (shell === 'bash' || shell === 'zsh' || shell === 'ksh') return 'bash'
  return /alpine|busybox/.test(image) ? 'busybox' : 'dash'
}

/** The last command of a script, and whether the shell stays its parent; undefined for scripts that see to signals themselves. */
export function lastCommand(
  script: string,
  kind: ShellKind,
): { readonly words: readonly string[]; readonly stays: boolean } | undefined {
  const bare = withoutQuotes(script)
    .replace(/(^|\s)#[^\n]*/g, '$1')
    .trim()
    .replace(/;+$/, '')
    .trim()
  if (/(?:^|[\s;&|({])(?:exec\s+[^\s\d<>&]|trap\s)/.test(bare)) return undefined
  const list = lastOf(bare, /\n|;/)
  const last = lastOf(list, /&&|\|\||(?<![<>&])&(?![&>])/)
  return { words: last.split(/\s+/), stays: staysFor(kind, list, last) }
}

function lastOf(text: string, separator: RegExp): string {
  return text.split(separator).at(-1)?.trim() ?? ''
}

function staysFor(kind: ShellKind, list: string, last: string): boolean {
  if (kind === 'dash' || /(?:^|\s)done$|^wait(?:\s|$)|^$/.test(last)) return true
  if (last.includes('|') || list.includes('||')) return true
  return kind === 'bash' && (/[<>]/.test(last) || /(?:^|\s)(?:fi|esac|\}|\))$/.test(last))
}
