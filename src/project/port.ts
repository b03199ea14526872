import type { PortSummary } from '../api/types/index.ts'
import { failure } from '../diagnostics/index.ts'
import { withEngine } from './engine.ts'
import { resolveProject } from './project-name.ts'
import { serviceContainer } from './service-container.ts'
import { environmentOf, type Target } from './target.ts'

export interface PortRequest {
  /** Default: `tcp`. */
  readonly protocol?: string
  /** This container of a service that has several. */
  readonly index?: number
}

/** Where on the host a port of a container is reached. */
export interface PublishedPort {
  /** Without brackets, also of IPv6; `0.0.0.0` is every address of the host. */
  readonly address: string
  readonly port: number
}

/** Where a port of a service is published. Errors: PORT_NOT_PUBLISHED, SERVICE_NOT_RUNNING, NO_SUCH_SERVICE. */
export async function port(
  target: Target,
  service: string,
  containerPort: number,
  { protocol = 'tcp', index }: PortRequest = {},
): Promise<PublishedPort> {
  const { name: project } = await resolveProject(target)
  const { Ports } = await withEngine(environmentOf(target), docker =>
    serviceContainer(target, docker, { project, service, index }),
  )
  const found = Ports.find(
    ({ PrivatePort, Type, PublicPort }) =>
      PrivatePort === containerPort && Type === protocol && PublicPort !== undefined,
  )
  if (found?.PublicPort !== undefined) return { address: found.IP ?? '', port: found.PublicPort }
  throw failure({
    code: 'PORT_NOT_PUBLISHED',
    kind: 'notFound',
    summary: `service "${service}" does not publish port ${containerPort}/${protocol}`,
    hint: `its ports: ${describePorts(Ports) || 'none'}`,
  })
}

/** `0.0.0.0:8080->80/tcp, [::]:8080->80/tcp`. */
export function describePorts(ports: readonly PortSummary[]): string {
  return ports
    .map(({ PrivatePort, PublicPort, Type, IP = '' }) => {
      const target = `${PrivatePort}/${Type}`
      if (PublicPort === undefined) return target
      return `${IP.includes(':') ? `[${IP}]` : IP}:${PublicPort}->${target}`
    })
    .join(', ')
}
