import type { FrontRoute } from '../../native/index.ts'
import type { PortRequest } from '../../network/index.ts'
import type { Container } from '../state/container.ts'
import { projectOf } from '../state/project.ts'

/** The labels by which the planner says of which instance a container is, and where its ports are. */
const INSTANCE = 'com.tscompose.instance'
const ADDRESS = 'com.tscompose.address'

/** As much of a container as says where it is reached. */
type Published = Pick<Container, 'record' | 'published'>

/** A container's instance at localhost: what clients call it, and the address that it has its ports at. */
export interface LocalName {
  readonly name: string
  readonly address: string
}

/** Undefined of a container that is of no instance, or of one whose names are none of a host. */
export function localNameOf(container: Pick<Container, 'record'>): LocalName | undefined {
  const { [INSTANCE]: instance = '', [ADDRESS]: address = '' } = container.record.config.Labels ?? {}
  const project = projectOf(container) ?? ''
  const plain = project.slice(0, -(instance.length + 1))
  const isInstance = project === `${plain}-${instance}` && isLoopback(address)
  return isInstance && isPart(instance) && isPart(plain)
    ? { name: `${instance}.${plain}.localhost`, address }
    : undefined
}

function isPart(text: string): boolean {
  return /^[a-z0-9_-]{1,63}$/.test(text)
}

function isLoopback(address: string): boolean {
  return /^127(\.\d{1,3}){3}$/.test(address) && address.split('.').every(each => Number(each) < 256)
}

/** The ports of TCP that a container has at its instance's own address. */
export function namedPorts({ published }: Pick<Container, 'published'>, { address }: LocalName): number[] {
  return published.flatMap(({ protocol, hostIp, hostPort, count }) =>
    protocol === 'tcp' && hostIp === address
      ? Array.from({ length: count }, (_, index) => hostPort + index)
      : [],
  )
}

/**
 * Where names lead by what containers publish. A port that another container has at localhost, or may be about to have (`claimed`), is that
 * one's: nobody listens for names there.
 */
export function routesOf(containers: Iterable<Published>, claimed: readonly PortRequest[]): FrontRoute[] {
  const all = [...containers].filter(({ published }) => published.length > 0)
  const named = all.flatMap(container => {
    const at = localNameOf(container)
    return at === undefined ? [] : namedPorts(container, at).map(port => ({ ...at, port }))
  })
  if (named.length === 0) return []
  const held = all.flatMap(({ published }) => published)
  const isHeld = (port: number): boolean =>
    held.some(each =>
      takesLocalhost([each.hostIp], each, each.hostPort, each.hostPort + each.count - 1, port),
    ) ||
    claimed.some(
      each =>
        each.range !== undefined && takesLocalhost(each.hostIps, each, each.range.from, each.range.to, port),
    )
  return named
    .map(({ name, address, port }) => ({ name, address, port, listens: !isHeld(port) }))
    .sort((a, b) => a.port - b.port || (a.name < b.name ? -1 : 1))
}

/** Where whoever has a port at localhost may listen. */
export const LOCALHOST: readonly string[] = ['127.0.0.1', '::1', '0.0.0.0', '::']

function takesLocalhost(
  hostIps: readonly string[],
  { protocol }: Pick<PortRequest, 'protocol'>,
  from: number,
  to: number,
  port: number,
): boolean {
  return protocol === 'tcp' && port >= from && port <= to && hostIps.some(ip => LOCALHOST.includes(ip))
}
