import { readdir, readFile, readlink } from 'node:fs/promises'
import { errnoOf } from '../../diagnostics/index.ts'
import { createNative } from '../../native/index.ts'
import { HOLDER_OPS, listedSockets, listenerPlace } from './listening.ts'
import type { Protocol } from './published.ts'

/** State column of a listening TCP socket, and of a UDP socket without a peer. */
const LISTENING: Readonly<Record<Protocol, string>> = { tcp: '0A', udp: '07', sctp: '' }

/**
 * Who has a port, `nginx (pid 812: nginx -g daemon off;)`, as well as the kernel tells; undefined when it doesn't. Who listens comes before
 * who has only bound it, or has come by it. `addresses`: at one of these.
 */
export async function findPortHolder(
  protocol: Protocol,
  port: number,
  addresses?: readonly string[],
): Promise<string | undefined> {
  const places = addresses?.map(address => listenerPlace(address, port))
  const tables = await Promise.all(
    [protocol, `${protocol}6`].map(name => ifThere(readFile(`/proc/net/${name}`, 'utf8'))),
  )
  const listening = tables.flatMap(text => socketInodes(text ?? '', port, LISTENING[protocol], places))
  const inodes = new Set(
    listening.length > 0 || protocol !== 'tcp' ? listening : await holdingInodes(port, places),
  )
  if (inodes.size === 0) return undefined
  for (const pid of (await ifThere(readdir('/proc'))) ?? [])
    if (/^\d+$/.test(pid) && (await ownsSocket(pid, inodes))) {
      const name = (await ifThere(readFile(`/proc/${pid}/comm`, 'utf8')))?.trim()
      const command = commandText((await ifThere(readFile(`/proc/${pid}/cmdline`, 'utf8'))) ?? '')
      return name === undefined ? `pid ${pid}` : `${name} (pid ${pid}${command && `: ${command}`})`
    }
  return undefined
}

/** Of TCP sockets that have the port and do not listen. */
async function holdingInodes(port: number, places: readonly string[] | undefined): Promise<string[]> {
  const { outputs } = await createNative().run({ setup: HOLDER_OPS })
  return [...listedSockets(outputs)].flatMap(([place, inode]) =>
    isPlace(place, port, places) && inode !== '0' ? [inode] : [],
  )
}

function isPlace(place: string, port: number, places: readonly string[] | undefined): boolean {
  return places === undefined ? place.endsWith(portSuffix(port)) : places.includes(place)
}

function portSuffix(port: number): string {
  return `:${port.toString(16).toUpperCase().padStart(4, '0')}`
}

/** The most of a command line that is told, in characters. */
const COMMAND_MAX = 60

/** The words of `/proc/PID/cmdline`; empty for a process of the kernel. */
function commandText(cmdline: string): string {
  const text = cmdline
    .split('\0')
    .join(' ')
    .replaceAll(/\p{Cc}/gu, ' ')
    .trim()
  return text.length > COMMAND_MAX ? `${text.slice(0, COMMAND_MAX - 1)}…` : text
}

/** Inodes of the sockets of a /proc/net table that are bound to the port in that state. */
export function socketInodes(
  table: string,
  port: number,
  state: string,
  places?: readonly string[],
): string[] {
  return table.split('\n').flatMap(line => {
    const columns = line.trim().split(/\s+/)
    const inode = columns[9]
    return isPlace(columns[1] ?? '', port, places) && columns[3] === state && inode !== undefined
      ? [inode]
      : []
  })
}

async function ownsSocket(pid: string, inodes: ReadonlySet<string>): Promise<boolean> {
  for (const fd of (await ifThere(readdir(`/proc/${pid}/fd`))) ?? []) {
    const target = await ifThere(readlink(`/proc/${pid}/fd/${fd}`))
    const inode = /^socket:\[(\d+)\]$/.exec(target ?? '')?.[1]
    if (inode !== undefined && inodes.has(inode)) return true
  }
  return false
}

/** Processes come and go while /proc is read, and not all of it is ours to read. */
async function ifThere<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === 'ENOENT' || errno === 'ESRCH' || errno === 'EACCES' || errno === 'EPERM') return undefined
    throw error
  }
}
