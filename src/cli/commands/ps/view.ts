import type { ContainerSummary, PortSummary } from '../../../api/types/index.ts'
import { approximateDuration } from '../../../notation/index.ts'
import { nameOf, serviceOf } from '../../../project/containers.ts'
import { renderTable } from '../../views/table.ts'

const HEADER = ['NAME', 'IMAGE', 'COMMAND', 'SERVICE', 'CREATED', 'STATUS', 'PORTS'] as const
/** Characters of a command that the table shows. */
const COMMAND_WIDTH = 20

/** `ps` for people. */
export function psTable(containers: readonly ContainerSummary[], truncate: boolean): string {
  const now = Date.now()
  return renderTable(
    HEADER,
    containers.map(container => [
      nameOf(container),
      container.Image,
      `"${truncate ? shorten(container.Command) : container.Command}"`,
      serviceOf(container),
      `${approximateDuration(now - container.Created * 1000)} ago`,
      container.Status,
      renderPorts(container.Ports),
    ]),
  )
}

/** `ps --format json`: one object a line, with Compose's fields. */
export function psJson(container: ContainerSummary, name: string): string {
  const { Labels } = container
  return JSON.stringify({
    Command: `"${shorten(container.Command)}"`,
    CreatedAt: new Date(container.Created * 1000).toISOString(),
    ExitCode: exitCode(container.Status),
    Health:
      /\((healthy|unhealthy|health: starting)\)/.exec(container.Status)?.[1]?.replace('health: ', '') ?? '',
    ID: container.Id,
    Image: container.Image,
    Labels: Object.entries(Labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
    LocalVolumes: String(container.Mounts.filter(mount => mount.Type === 'volume').length),
    Mounts: container.Mounts.map(mount => mount.Name ?? mount.Source).join(','),
    Name: name,
    Names: name,
    Networks: Object.keys(container.NetworkSettings.Networks).join(','),
    Ports: renderPorts(container.Ports),
    Project: Labels['com.docker.compose.project'] ?? '',
    Publishers: container.Ports.map(port => ({
      URL: port.IP ?? '',
      TargetPort: port.PrivatePort,
      PublishedPort: port.PublicPort ?? 0,
      Protocol: port.Type,
    })),
    RunningFor: `${approximateDuration(Date.now() - container.Created * 1000)} ago`,
    Service: serviceOf(container),
    Size: '0B',
    State: container.State,
    Status: container.Status,
  })
}

/** `0.0.0.0:8080->80/tcp, [::]:8080->80/tcp`. */
export function renderPorts(ports: readonly PortSummary[]): string {
  return ports
    .map(port => {
      const target = `${port.PrivatePort}/${port.Type}`
      if (port.PublicPort === undefined) return target
      const address = port.IP?.includes(':') ? `[${port.IP}]` : (port.IP ?? '')
      return `${address}:${port.PublicPort}->${target}`
    })
    .join(', ')
}

function shorten(command: string): string {
  return command.length > COMMAND_WIDTH ? `${command.slice(0, COMMAND_WIDTH - 1)}…` : command
}

function exitCode(status: string): number {
  return Number(/^Exited \((\d+)\)/.exec(status)?.[1] ?? 0)
}
