import { readdirSync, readlinkSync } from 'node:fs'
import { errnoOf } from '../../diagnostics/index.ts'
import type { PublishOp } from '../../native/index.ts'
import {
  type ListedProtocol,
  listedSockets,
  listenerPlace,
  publishOps,
  SOCKET_OPS,
  waitingSockets,
} from '../../network/index.ts'
import type { Container } from '../state/container.ts'
import type { KernelLooks } from '../state/context.ts'
import type { Live } from '../state/live.ts'
import { type ContainerSight, type HostSockets, inPlace, type Thing } from './thing.ts'

/**
 * The host's ends of published ports: sockets that the monitor holds and the relay accepts at. Whoever may administer the network can take them
 * from a process (SOCK_DESTROY, `ss -K`), and others can have the port then.
 */
export const LISTENING: Thing<ContainerSight> = {
  paths: ['port'],
  outlasts: true,
  observe({ container, sockets }) {
    const { live } = container
    if (live?.status === undefined || container.published.length === 0) return []
    const { monitorPid } = live.status
    return listenersOf(container.published).flatMap(({ path, protocol, place }) => {
      const inode = (sockets.get(protocol) ?? waitingAt(protocol)).get(place)
      if (inode !== undefined && isHeldBy(live, monitorPid, inode)) return []
      const got = inode === undefined ? 'nobody listens' : 'another program listens'
      return [inPlace({ path, want: 'its relay listens', got })]
    })
  },
  repair: ({ container }) => listenAgain(container),
}

/** Has the monitor look after its sockets, and its relay: what is right stays as it is. */
export async function listenAgain({ live, published }: Container): Promise<void> {
  await live?.connection.setPorts(publishOps(published))
}

interface Listener {
  readonly path: string
  readonly protocol: ListedProtocol
  readonly place: string
}

const listeners = new WeakMap<Container['published'], readonly Listener[]>()

function listenersOf(published: Container['published']): readonly Listener[] {
  const known = listeners.get(published) ?? publishOps(published).flatMap(listenersIn)
  listeners.set(published, known)
  return known
}

function listenersIn({ protocol, hostIp, hostPort, count }: PublishOp): Listener[] {
  if (protocol === 'sctp') return []
  const at = hostIp.includes(':') ? `[${hostIp}]` : hostIp
  return Array.from({ length: count }, (_, index) => ({
    path: `port.${at}:${hostPort + index}/${protocol}`,
    protocol,
    place: listenerPlace(hostIp, hostPort + index),
  }))
}

let seen = new Map<ListedProtocol, ReadonlyMap<string, string>>()

/** False: this kernel has no quick list. */
let isListed = true

const read = new WeakMap<readonly Buffer[], ReadonlyMap<string, string>>()

/** The host's sockets of the protocols that a container has published ports of, listed once for a round. */
export async function seeSockets(
  { published }: Pick<Container, 'published'>,
  round: Pick<KernelLooks, 'ask'>,
): Promise<HostSockets> {
  const protocols = [...new Set(published.flatMap(({ protocol }) => (protocol === 'sctp' ? [] : [protocol])))]
  const listed = await Promise.all(
    protocols.map(async protocol => {
      const outputs = isListed ? await round.ask(SOCKET_OPS[protocol]) : undefined
      if (outputs === undefined) return []
      const known = read.get(outputs) ?? listedSockets(outputs)
      read.set(outputs, known)
      return [[protocol, known] as const]
    }),
  )
  if (protocols.length > 0) isListed = listed.flat().length > 0
  return new Map(listed.flat())
}

/** The same by files in /proc, looked at once for all who ask in one moment. */
export function waitingAt(protocol: ListedProtocol): ReadonlyMap<string, string> {
  const known = seen.get(protocol)
  if (known !== undefined) return known
  if (seen.size === 0)
    setImmediate(() => {
      seen = new Map()
    })
  const found = waitingSockets(protocol)
  seen.set(protocol, found)
  return found
}

const held = new WeakMap<Live, ReadonlySet<string>>()

/** A socket's number is no other's while it lives: who was found to hold it needs no second look. */
function isHeldBy(live: Live, pid: number, inode: string): boolean {
  if (held.get(live)?.has(inode) === true) return true
  const now = socketsOf(pid)
  held.set(live, now)
  return now.has(inode)
}

function socketsOf(pid: number): Set<string> {
  const folder = `/proc/${pid}/fd`
  const targets = unlessGone(() => readdirSync(folder), []).map(fd =>
    unlessGone(() => readlinkSync(`${folder}/${fd}`), ''),
  )
  return new Set(targets.flatMap(target => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []))
}

function unlessGone<T>(look: () => T, otherwise: T): T {
  try {
    return look()
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes(errnoOf(error) ?? '')) return otherwise
    throw error
  }
}
