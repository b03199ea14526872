/** Linux's signals, from 1 on. */
const NAMES =
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'.split(
    ' ',
  )
const OTHER_NAMES: Readonly<Record<string, string>> = { IOT: 'ABRT', POLL: 'IO' }

/** Real-time signals are named relative to both ends, as `kill -l` and Docker do. */
const SIGRTMIN = 34
const SIGRTMAX = 64

/** The number of a signal given as Docker accepts it: `SIGTERM`, `term`, `15`, `RTMIN+3`; undefined where there is none. */
export function parseSignalName(text: string): number | undefined {
  const trimmed = text.trim()
  const number = /^\d{1,2}$/.test(trimmed)
    ? Number(trimmed)
    : numberOf(trimmed.toUpperCase().replace(/^SIG/, ''))
  return number === undefined || number < 1 || number > SIGRTMAX ? undefined : number
}

function numberOf(name: string): number | undefined {
  const realTime = /^RT(MIN|MAX)(?:([+-])(\d{1,2}))?$/.exec(name)
  if (realTime !== null) {
    const base = realTime[1] === 'MIN' ? SIGRTMIN : SIGRTMAX
    const offset = Number(realTime[3] ?? 0) * (realTime[2] === '-' ? -1 : 1)
    return base + offset >= SIGRTMIN ? base + offset : undefined
  }
  const position = NAMES.indexOf(OTHER_NAMES[name] ?? name)
  return position < 0 ? undefined : position + 1
}

/** The name of a signal's number, `SIGTERM`, `SIGRTMIN+3`; undefined where there is none, or it has no name. */
export function signalName(number: number | undefined): string | undefined {
  if (number === undefined || number > SIGRTMAX) return undefined
  if (number > SIGRTMIN) return `SIGRTMIN+${number - SIGRTMIN}`
  const name = number === SIGRTMIN ? 'RTMIN' : NAMES[number - 1]
  return name === undefined ? undefined : `SIG${name}`
}
