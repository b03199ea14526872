import type { NodeInspect, PortSummary, ServiceInspect, TaskInspect } from '../../api/types/index.ts'
import { serviceKey, taskName, taskStatus } from '../../deploy/swarm/operations/task-words.ts'
import type { ProjectContainer } from '../ps.ts'

const RUNNING: ReadonlySet<string> = new Set(['running'])
const ENDED: ReadonlySet<string> = new Set([
  'complete',
  'shutdown',
  'failed',
  'rejected',
  'remove',
  'orphaned',
])

/** A task as `ps` shows containers: its state says on which node it is, and why it does not run. */
export function taskContainer(
  task: TaskInspect,
  service: ServiceInspect,
  stack: string,
  nodes: ReadonlyMap<string, NodeInspect>,
  now: number,
): ProjectContainer {
  const key = serviceKey(stack, service.Spec.Name ?? '')
  const { State, ContainerStatus } = task.Status
  const container = task.Spec.ContainerSpec ?? {}
  const node = nodes.get(task.NodeID ?? '')?.Description.Hostname
  return {
    id: ContainerStatus?.ContainerID || task.ID,
    name: `${stack}_${taskName(task, key)}`,
    service: key,
    number: task.Slot ?? 1,
    oneOff: false,
    image: (container.Image ?? '').split('@')[0] ?? '',
    command: [...(container.Command ?? []), ...(container.Args ?? [])].join(' '),
    created: Math.floor(Date.parse(task.CreatedAt) / 1000),
    state: RUNNING.has(State) ? 'running' : ENDED.has(State) ? 'exited' : 'created',
    status: taskStatus(task, now),
    ...(node === undefined ? {} : { node }),
    exitCode: ContainerStatus?.ExitCode ?? 0,
    ports: State === 'running' ? portsOf(service) : [],
    labels: container.Labels ?? {},
    mounts: (container.Mounts ?? []).map(({ Type = 'volume', Source = '', Target = '' }) => ({
      Type,
      Source,
      Destination: Target,
      ...(Type === 'volume' ? { Name: Source } : {}),
    })),
    networks: [],
  }
}

function portsOf({ Endpoint }: ServiceInspect): PortSummary[] {
  return (Endpoint.Ports ?? []).map(({ TargetPort = 0, PublishedPort, Protocol = 'tcp' }) => ({
    ...(PublishedPort === undefined ? {} : { IP: '0.0.0.0', PublicPort: PublishedPort }),
    PrivatePort: TargetPort,
    Type: Protocol as PortSummary['Type'],
  }))
}
