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

/** `0.0.0.0:8080->80/tcp, [::]:8080->80/tcp`; ports that follow each other are one range, `0.0.0.0:81-83->81-83/tcp`. */
export function describePorts(ports: readonly PortSummary[]): string {
  const sorted = [...ports].sort(
    (a, b) =>
      a.PrivatePort - b.PrivatePort ||
      compareTexts(a.IP ?? '', b.IP ?? '') ||
      (a.PublicPort ?? 0) - (b.PublicPort ?? 0) ||
      compareTexts(a.Type, b.Type),
  )
  const ranges: { first: PortSummary; last: number }[] = []
  for (const port of sorted) {
    const range = ranges.find(({ first, last }) => port.PrivatePort === last + 1 && isOfRange(port, first))
    if (range) range.last = port.PrivatePort
    else ranges.push({ first: port, last: port.PrivatePort })
  }
  // What has another port on the host than in the container stands last, as with Docker.
  const rank = ({ first }: { first: PortSummary }): number => (isMoved(first) ? 1 : 0)
  return ranges
    .sort((a, b) => rank(a) - rank(b))
    .map(({ first, last }) => describeRange(first, last))
    .join(', ')
}

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
const isMoved = ({ PublicPort, PrivatePort }: PortSummary): boolean =>
  PublicPort !== undefined && PublicPort !== PrivatePort

/** Ranges are of ports that have the same number on the host, or none. */
function isOfRange(port: PortSummary, first: PortSummary): boolean {
  const hasPlace = (each: PortSummary): boolean => each.PublicPort !== undefined
  const isSame = port.Type === first.Type && port.IP === first.IP && hasPlace(port) === hasPlace(first)
  return isSame && !isMoved(port) && !isMoved(first)
}

function describeRange({ PrivatePort, PublicPort, Type, IP = '' }: PortSummary, last: number): string {
  const range = last === PrivatePort ? `${PrivatePort}` : `${PrivatePort}-${last}`
  if (PublicPort === undefined) return `${range}/${Type}`
  const address = IP.includes(':') ? `[${IP}]` : IP
  return `${address}:${isMoved({ PrivatePort, PublicPort, Type }) ? PublicPort : range}->${range}/${Type}`
}
