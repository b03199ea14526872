import type { Path, Port } from '../../../model/index.ts'
import { expandPorts, parsePortRange } from '../../../notation/index.ts'
import type { ContainerPort } from '../objects/pod.ts'
import { compact, type Subject } from './context.ts'

export type Protocol = ContainerPort['protocol']

/** A port that a service listens on, as far as its file says so. */
export interface ListeningPort {
  readonly port: number
  readonly protocol: Protocol
  readonly appProtocol?: string
}

/** A port of `ports` that is reached from outside. */
export interface PublishedPort extends ListeningPort {
  /** What it is published as: the same port where the file lets an engine choose. */
  readonly published: number
  readonly path: Path
}

/** Ports that others reach within the cluster: published, exposed, and those that a probe asks. */
export function listeningPorts({ service }: Subject): ListeningPort[] {
  const published = (service.ports ?? []).map(port => ({
    port: port.target,
    protocol: protocolOf(port.protocol),
    ...(port.app_protocol === undefined ? {} : { appProtocol: port.app_protocol }),
  }))
  const exposed = (service.expose ?? []).flatMap(expandPorts).map(text => {
    const [port = '', protocol] = text.split('/')
    return { port: Number(port), protocol: protocolOf(protocol) }
  })
  const unique = new Map<string, ListeningPort>()
  for (const each of [...published, ...exposed]) {
    const key = `${each.port}/${each.protocol}`
    if (!unique.has(key)) unique.set(key, each)
  }
  return [...unique.values()]
}

/** Ports of the container, by name. */
export function containerPortsOf(subject: Subject): ContainerPort[] {
  return listeningPorts(subject).map(({ port, protocol }) => ({
    name: portName(port, protocol),
    containerPort: port,
    protocol,
  }))
}

/** `tcp-80`: of at most 15 characters, and another one for each protocol. */
export function portName(port: number, protocol: Protocol): string {
  return `${protocol.toLowerCase()}-${port}`
}

/** Ports that the file publishes for others than this machine. */
export function publishedPorts(subject: Subject): PublishedPort[] {
  return (subject.service.ports ?? []).flatMap((port, index) => {
    const path = [...subject.path, 'ports', index]
    if (isLocal(subject, port)) {
      subject.context.notes.choose(
        path,
        `Service ${subject.name}`,
        `published on this machine alone: kubectl port-forward service/${subject.name} brings it here`,
      )
      return []
    }
    warnOfAddress(subject, port, path)
    const { target, app_protocol: appProtocol } = port
    const published = hostPort(subject, port, path)
    return [compact({ port: target, protocol: protocolOf(port.protocol), published, path, appProtocol })]
  })
}

function isLocal({ context, service }: Subject, { host_ip: address = '' }: Port): boolean {
  const publish = service['x-tscompose']?.publish ?? context.project.model['x-tscompose']?.publish
  return publish === 'loopback' || address === '::1' || address.startsWith('127.')
}

function warnOfAddress({ context }: Subject, { host_ip: address }: Port, path: Path): void {
  if (address === undefined || address === '0.0.0.0' || address === '::') return
  context.notes.warn(
    'KUBERNETES_PORT',
    path,
    `the port is published on all addresses of the cluster, and not on ${address} alone`,
  )
}

function hostPort({ context }: Subject, { published, target }: Port, path: Path): number {
  const range = published === undefined ? undefined : parsePortRange(published)
  if (range === undefined || range.from === 0) return target
  if (range.to > range.from)
    context.notes.warn(
      'KUBERNETES_PORT',
      path,
      `of the ports ${published} the first is published: Kubernetes does not look for a free one`,
    )
  return range.from
}

function protocolOf(protocol: string | undefined): Protocol {
  const upper = (protocol ?? 'tcp').toUpperCase()
  return upper === 'UDP' || upper === 'SCTP' ? upper : 'TCP'
}
