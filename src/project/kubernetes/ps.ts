import { type PodContainer, statusOf } from '../../deploy/kubernetes/index.ts'
import type { ProjectContainer } from '../ps.ts'

/** A container of a pod as `ps` lists those of an engine; `now`: Unix seconds. */
export function listedContainer(container: PodContainer, isSeveral: boolean, now: number): ProjectContainer {
  const { pod, service, created, state, exitCode, ports, labels, isReady, node } = container
  return {
    id: container.id,
    name: isSeveral ? `${pod}/${container.container}` : pod,
    service,
    number: 1,
    oneOff: false,
    image: container.image,
    command: container.command.join(' '),
    created,
    state,
    status: statusOf(container, now),
    ...(isReady === undefined || state !== 'running'
      ? {}
      : { health: isReady ? ('healthy' as const) : ('starting' as const) }),
    exitCode,
    ports: ports.map(({ port, protocol }) => ({ PrivatePort: port, Type: protocolOf(protocol) })),
    labels,
    mounts: [],
    networks: Object.keys(labels)
      .filter(key => key.startsWith(NETWORK))
      .map(key => key.slice(NETWORK.length)),
    node,
  }
}

const NETWORK = 'tscompose/network.'

function protocolOf(text: string): 'tcp' | 'udp' | 'sctp' {
  return text === 'udp' || text === 'sctp' ? text : 'tcp'
}
