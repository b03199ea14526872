import { createSocket } from 'node:dgram'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { release as osRelease } from 'node:os'
import { errnoOf } from '../../diagnostics/index.ts'
import { readIfThere } from '../../linux/atomic-file.ts'
import type { Protocol } from './published.ts'

/** What binding a port came to. */
export type ProbeResult =
  | { readonly kind: 'bound'; readonly port: number }
  | { readonly kind: 'taken' }
  /** The host doesn't have the address, or not its family. */
  | { readonly kind: 'noAddress' }

/** One attempt at a port. */
export type Probe = (protocol: Protocol, hostIp: string, port: number) => Promise<ProbeResult>

/** Ports that sockets of either family have in this network namespace, bound, listening or connected. */
export async function numbersInUse(protocol: Protocol): Promise<ReadonlySet<number>> {
  if (protocol === 'sctp') return new Set()
  const tables = await Promise.all([protocol, `${protocol}6`].map(readTable))
  return new Set(tables.flatMap(localPorts))
}

/** A table of /proc/net; none of IPv6 where the kernel has none. */
async function readTable(name: string): Promise<string> {
  return (await readIfThere(`/proc/net/${name}`)) ?? ''
}

/** Lines are `  12: 0100007F:1F90 00000000:0000 0A …`. */
export function localPorts(table: string): number[] {
  return Array.from(table.matchAll(/^ *\d+: [0-9A-F]+:([0-9A-F]{4}) /gm), ([, port = '']) =>
    Number.parseInt(port, 16),
  )
}

/** Binds the port (0: any of the kernel's ephemeral range) for a moment. */
export async function probePort(protocol: Protocol, hostIp: string, port: number): Promise<ProbeResult> {
  try {
    // SCTP has no listener of ours; its port space is its own, and conflicts inside the engine are all there are.
    if (protocol === 'sctp') return { kind: 'bound', port: port === 0 ? randomPort() : port }
    return { kind: 'bound', port: await (protocol === 'tcp' ? bindTcp : bindUdp)(hostIp, port) }
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === 'EADDRINUSE' || errno === 'EACCES') return { kind: 'taken' }
    if (errno === 'EADDRNOTAVAIL' || errno === 'EAFNOSUPPORT' || errno === 'EINVAL')
      return { kind: 'noAddress' }
    throw error
  }
}

/** Whether SCTP is in the kernel: a name in /proc, or a module of this release's that the kernel loads when it is asked for. */
export function hasSctp(release: string = osRelease()): boolean {
  return existsSync('/proc/net/sctp') || listsSctp(`/lib/modules/${release}/modules.dep`)
}

function listsSctp(path: string): boolean {
  try {
    return /\/sctp\.ko/.test(readFileSync(path, 'utf8'))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false
    throw error
  }
}

function bindTcp(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen({ host, port, ipv6Only: true, exclusive: true }, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : port))
    })
  })
}

function bindUdp(address: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = address.includes(':')
      ? createSocket({ type: 'udp6', ipv6Only: true })
      : createSocket('udp4')
    socket.once('error', error => {
      socket.close()
      reject(error)
    })
    socket.bind({ address, port, exclusive: true }, () => {
      const { port: bound } = socket.address()
      socket.close(() => resolve(bound))
    })
  })
}

/** Docker's fallback range, where the kernel can't be asked. */
function randomPort(): number {
  return 49153 + Math.floor(Math.random() * (65535 - 49153))
}
