import { failure } from '../diagnostics/index.ts'

/** A socket that the service manager listens on and has passed to this process. */
export interface Inherited {
  readonly fd: number
  /** `FileDescriptorName=` of its unit. */
  readonly name: string
}

/** The first descriptor that a service manager passes. */
const FIRST = 3

/**
 * The sockets of systemd's protocol of activation (sd_listen_fds(3)): LISTEN_FDS many from 3 on, if LISTEN_PID is this process; named by
 * LISTEN_FDNAMES. They are somebody else's where the pid is another one: then there are none. Errors: SOCKETS_INVALID.
 */
export function inheritedSockets(
  env: Readonly<Record<string, string | undefined>>,
  pid: number,
): readonly Inherited[] {
  const { LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES } = env
  if (LISTEN_FDS === undefined || LISTEN_PID !== String(pid)) return []
  if (!/^\d{1,4}$/.test(LISTEN_FDS)) throw invalid(`LISTEN_FDS is "${LISTEN_FDS}", want a number`)
  const count = Number(LISTEN_FDS)
  const names = LISTEN_FDNAMES === undefined ? [] : LISTEN_FDNAMES.split(':')
  return Array.from({ length: count }, (_, index) => ({ fd: FIRST + index, name: names[index] ?? 'unknown' }))
}

/** Those that are meant by a name; all without one. Errors: SOCKETS_INVALID where there is none. */
export function pickInherited(all: readonly Inherited[], name: string | undefined): readonly Inherited[] {
  const picked = name === undefined ? all : all.filter(each => each.name === name)
  if (picked.length > 0) return picked
  throw invalid(
    all.length === 0
      ? 'no socket was passed'
      : `none of the sockets that were passed is named "${name}", only ${all.map(each => each.name).join(', ')}`,
  )
}

function invalid(detail: string): Error {
  return failure({
    code: 'SOCKETS_INVALID',
    kind: 'invalidArgument',
    summary: `Take the sockets of the service manager: ${detail}`,
    hint: 'sockets come from a systemd unit of type socket',
  })
}
