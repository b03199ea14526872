import type { Term } from './term.ts'

/** The container's terminal and its stdin. */
export interface StdioTerms {
  readonly tty: boolean
  readonly openStdin: boolean
  /** Its stdin ends when the first client that sent input goes. */
  readonly stdinOnce: boolean
  /** The terminal's first size; absent: the usual one. */
  readonly size?: { readonly rows: number; readonly cols: number }
}

type Own = 'Tty' | 'OpenStdin' | 'StdinOnce' | 'ConsoleSize'

/** Refuses nothing. */
export const stdioTerm: Term<Own, StdioTerms> = {
  fields: { Tty: true, OpenStdin: true, StdinOnce: true, ConsoleSize: true },
  path: 'Tty',
  read: given => ({
    tty: given.Tty === true,
    openStdin: given.OpenStdin === true,
    stdinOnce: given.StdinOnce === true,
    ...sizeOf(given.ConsoleSize ?? []),
  }),
}

/** The first size of the terminal; a client that leaves it out, or sends zeroes, has the usual one. */
function sizeOf([rows = 0, cols = 0]: readonly number[]): Pick<StdioTerms, 'size'> {
  return rows > 0 && cols > 0 ? { size: { rows, cols } } : {}
}
