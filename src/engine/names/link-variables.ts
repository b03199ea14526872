import type { Container } from '../state/container.ts'
import type { ContainerTable } from '../state/container-table.ts'
import type { Link } from '../terms/hosts.ts'
import type { ContainerPort } from '../terms/ports.ts'
import { addressOnly } from '../words/addresses.ts'

/** Variables of the other that are its image's business alone. */
const OWN_VARIABLES: readonly string[] = ['HOME', 'PATH']

/** What Docker's old links (`--link db:database`) tell a container of the others: where their ports are, and their variables. */
export function linkVariables(containers: Pick<ContainerTable, 'resolve'>, container: Container): string[] {
  return container.terms.hosts.links.flatMap(link =>
    variablesOf(link, container.name, containers.resolve(link.reference, 'linked')),
  )
}

function variablesOf({ alias }: Link, name: string, other: Container): string[] {
  const prefix = alias.toUpperCase().replaceAll('-', '_')
  const address = other.record.endpoints.flatMap(({ addresses }) => addresses.map(addressOnly))[0] ?? ''
  const ports = [...other.terms.ports.exposed].sort(byNumber)
  const url = ({ protocol, containerPort }: ContainerPort): string =>
    `${protocol}://${address}:${containerPort}`
  const [first] = ports
  return [
    ...(first === undefined ? [] : [`${prefix}_PORT=${url(first)}`]),
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

/** Lower numbers first, and TCP before UDP, as Docker sorts ports. */
function byNumber(a: ContainerPort, b: ContainerPort): number {
  return a.containerPort - b.containerPort || a.protocol.localeCompare(b.protocol)
}
