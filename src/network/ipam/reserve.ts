import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { errnoOf } from '../../diagnostics/index.ts'
import { overlaps, type Prefix, parsePrefix } from '../ip/prefix.ts'
import type { HostAddresses } from './host-addresses.ts'
import { planSubnets, type Subnet, type SubnetRequest, type TakenAddresses } from './subnets.ts'

/** Subnets that no other engine of this network namespace chooses until `release`. */
export interface ReservedSubnets {
  readonly subnets: readonly Subnet[]
  /** Once the kernel has their addresses, or will not get them. */
  readonly release: () => void
}

/**
 * As `planSubnets`, for engines side by side: none sees another's networks but in the kernel, and two that choose at the
 * same moment would choose the same. What is chosen is reserved first, and `readHost` is asked once more after that: who had
 * the reservation before has let go of it with the addresses in the kernel. What the user gave is taken as it is.
 */
export async function reserveSubnets(
  request: SubnetRequest,
  taken: Omit<TakenAddresses, 'host'>,
  readHost: () => Promise<HostAddresses>,
): Promise<ReservedSubnets> {
  let host = await readHost()
  const refused: string[] = []
  for (;;) {
    const subnets = planSubnets(request, { ...taken, host: { prefixes: [...host.prefixes, ...refused] } })
    const chosen = subnets.map(({ subnet }) => subnet).filter(text => !isGiven(request, text))
    const { servers, lost } = await reserveAll(chosen)
    const release = (): void => {
      for (const server of servers) server.close()
    }
    if (chosen.length === 0) return { subnets, release }
    host = await readHost()
    if (lost.length === 0 && !chosen.some(text => isTaken(text, host))) return { subnets, release }
    release()
    refused.push(...lost)
  }
}

function isGiven({ config }: SubnetRequest, subnet: string): boolean {
  const prefix = parsePrefix(subnet)
  return config.some(given => {
    const other = given.subnet === undefined ? undefined : parsePrefix(given.subnet)
    return prefix !== undefined && other !== undefined && overlaps(prefix, other)
  })
}

function isTaken(subnet: string, host: HostAddresses): boolean {
  const prefix = parsePrefix(subnet)
  const others: Prefix[] = host.prefixes.flatMap(text => parsePrefix(text) ?? [])
  return (
    prefix !== undefined && others.some(other => other.family === prefix.family && overlaps(other, prefix))
  )
}

interface Reservations {
  readonly servers: readonly Server[]
  /** What others have reserved. */
  readonly lost: readonly string[]
}

async function reserveAll(subnets: readonly string[]): Promise<Reservations> {
  const servers: Server[] = []
  const lost: string[] = []
  for (const subnet of subnets) {
    const server = await reserve(subnet)
    if (server === undefined) lost.push(subnet)
    else servers.push(server)
  }
  return { servers, lost }
}

/**
 * A socket of a name without file: such names are a network namespace's own, as subnets are, one process has one at a time,
 * and the kernel takes it back with the process. Undefined where another has it.
 */
async function reserve(subnet: string): Promise<Server | undefined> {
  const server = createServer(socket => socket.destroy())
  server.listen(`\0tscompose-subnet-${subnet}`)
  try {
    await once(server, 'listening')
    return server.unref()
  } catch (error) {
    if (errnoOf(error) === 'EADDRINUSE') return undefined
    throw error
  }
}
