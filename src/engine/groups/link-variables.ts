import type { Container } from '../state/container.ts'
import type { ContainerTable } from '../state/container-table.ts'
import type { ContainerPort } from '../terms/ports.ts'
import { addressesOf } from '../words/addresses.ts'
import { oldLinksOf } from './old-links.ts'

/** Variables of the other that are its image's business alone. */
const OWN_VARIABLES: readonly string[] = ['HOME', 'PATH']

/** So many ports in a row are told as a range, too. */
const SHORTEST_RANGE = 3

/**
 * What Docker's old links (`--link db:database`) tell a container of the others: where their ports are, and their
 * variables. Nothing of those that do not run now.
 */
export function linkVariables(
  containers: Pick<ContainerTable, 'find' | 'named'>,
  container: Container,
): string[] {
  return oldLinksOf(containers, container).flatMap(({ alias, other }) =>
    other?.holdsAddresses ? variablesOf(alias, container.name, other) : [],
  )
}

function variablesOf(alias: string, name: string, other: Container): string[] {
  const prefix = alias.toUpperCase().replaceAll('-', '_')
  const [address = ''] = addressesOf(other.record.endpoints)
  const ports = [...other.terms.ports.exposed].sort(byNumber)
  const url = ({ protocol, containerPort }: ContainerPort): string =>
    `${protocol}://${address}:${containerPort}`
  const [first] = ports
  return [
    ...(first === undefined ? [] : [`${prefix}_PORT=${url(first)}`]),
    ...rangesOf(ports).flatMap(([start, end]) => {
      const own = `${prefix}_PORT_${start.containerPort}_${start.protocol.toUpperCase()}`
      return [
        `${own}_START=${url(start)}`,
        `${own}_PORT_START=${start.containerPort}`,
        `${own}_END=${url(end)}`,
        `${own}_PORT_END=${end.containerPort}`,
      ]
    }),
    ...ports.flatMap(port => {
      const { protocol, containerPort } = port
      const own = `${prefix}_PORT_${containerPort}_${protocol.toUpperCase()}`
      return [
        `${own}=${url(port)}`,
        `${own}_ADDR=${address}`,
        `${own}_PORT=${containerPort}`,
        `${own}_PROTO=${protocol}`,
      ]
    }),
    `${prefix}_NAME=/${name}/${alias}`,
    ...other.terms.process.env
      .filter(entry => entry.includes('=') && !OWN_VARIABLES.includes(entry.slice(0, entry.indexOf('='))))
      .map(entry => `${prefix}_ENV_${entry}`),
  ]
}

/** First and last of the ports of one protocol whose numbers follow each other. */
function rangesOf(ports: readonly ContainerPort[]): (readonly [ContainerPort, ContainerPort])[] {
  return ports.flatMap(start => {
    const has = (number: number): ContainerPort | undefined =>
      ports.find(port => port.containerPort === number && port.protocol === start.protocol)
    if (has(start.containerPort - 1) !== undefined) return []
    let end = start
    for (let next = has(end.containerPort + 1); next !== undefined; next = has(end.containerPort + 1))
      end = next
    return end.containerPort - start.containerPort + 1 < SHORTEST_RANGE ? [] : [[start, end] as const]
  })
}

/** Lower numbers first, and TCP before UDP, as Docker sorts ports. */
function byNumber(a: ContainerPort, b: ContainerPort): number {
  return a.containerPort - b.containerPort || a.protocol.localeCompare(b.protocol)
}
