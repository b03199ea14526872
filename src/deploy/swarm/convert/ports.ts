import type { ServicePort } from '../../../api/types/index.ts'
import type { Path, Port } from '../../../model/index.ts'
import { parsePortRange } from '../../../notation/index.ts'
import { type Context, compact, type Subject } from './context.ts'

/** The routing mesh: the port of all nodes leads to the service. */
const INGRESS = 'ingress'

/** Published ports, in the order of those numbers. */
export function portsOf(subject: Subject): ServicePort[] {
  const { service, path } = subject
  return (service.ports ?? [])
    .map((port, index) => portOf(subject, port, [...path, 'ports', index]))
    .sort((a, b) => (a.PublishedPort ?? 0) - (b.PublishedPort ?? 0))
}

function portOf({ context, service }: Subject, port: Port, path: Path): ServicePort {
  const { mode = INGRESS, protocol = 'tcp', target, host_ip: address } = port
  if (mode !== 'host' && service.deploy?.endpoint_mode?.toLowerCase() === 'dnsrr')
    context.findings.error(
      'SWARM_PORT',
      path,
      'a port of the routing mesh leads to an address of the service, which has none with endpoint_mode: dnsrr',
      'publish it of the nodes with a task, by mode: host',
    )
  if (address !== undefined && address !== '0.0.0.0' && address !== '::')
    context.findings.warn(
      'SWARM_PORT',
      path,
      `the port is published on all addresses of ${mode === 'host' ? 'the nodes with a task' : 'all nodes'}, and not on ${address} alone`,
    )
  const range = port.published === undefined ? undefined : parsePortRange(port.published)
  if (range !== undefined && range.to > range.from)
    context.findings.warn(
      'SWARM_PORT',
      path,
      `of the ports ${port.published} the first is published: a swarm does not look for a free one`,
    )
  return compact<ServicePort>({
    Name: port.name,
    Protocol: protocol,
    TargetPort: target,
    PublishedPort: publishedBy(port),
    PublishMode: mode,
  })
}

/** The number that is published; undefined where a manager chooses it. */
function publishedBy({ published }: Port): number | undefined {
  const range = published === undefined ? undefined : parsePortRange(published)
  return range === undefined || range.from === 0 ? undefined : range.from
}

interface Use {
  readonly service: string
  readonly mode: string
}

/**
 * Tells of ports that are published twice: by one service, or by two of which one has it on the routing mesh. Several may have the
 * same one of the nodes with a task.
 */
export function tellTaken({ project, findings }: Context): void {
  const uses = new Map<string, readonly Use[]>()
  for (const [service, { ports = [] }] of Object.entries(project.model.services))
    for (const [index, port] of ports.entries()) {
      const { mode = INGRESS, protocol = 'tcp' } = port
      const number = publishedBy(port)
      if (number === undefined) continue
      const name = `${number}/${protocol}`
      const before = uses.get(name) ?? []
      const other = before.find(use => use.service === service || use.mode !== 'host' || mode !== 'host')
      if (other !== undefined)
        findings.error(
          'SWARM_PORT',
          ['services', service, 'ports', index],
          other.service === service
            ? `the port ${name} is published twice`
            : `the port ${name} is published by "${other.service}" as well, and a swarm has one of each`,
        )
      uses.set(name, [...before, { service, mode }])
    }
}
