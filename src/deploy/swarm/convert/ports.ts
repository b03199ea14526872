import type { ServicePort } from '../../../api/types/index.ts'
import type { Path, Port } from '../../../model/index.ts'
import { parsePortRange } from '../../../notation/index.ts'
import { compact, type Subject } from './context.ts'

/** Published ports, in the order of those numbers. */
export function portsOf(subject: Subject): ServicePort[] {
  const { service, path } = subject
  return (service.ports ?? [])
    .map((port, index) => portOf(subject, port, [...path, 'ports', index]))
    .sort((a, b) => (a.PublishedPort ?? 0) - (b.PublishedPort ?? 0))
}

function portOf({ context }: Subject, port: Port, path: Path): ServicePort {
  const { mode = 'ingress', protocol = 'tcp', target, host_ip: address } = port
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
    PublishedPort: range === undefined || range.from === 0 ? undefined : range.from,
    PublishMode: mode,
  })
}
