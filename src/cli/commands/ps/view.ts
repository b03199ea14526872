import { approximateDuration } from '../../../notation/index.ts'
import { describePorts } from '../../../project/port.ts'
import type { ProjectContainer } from '../../../project/ps.ts'
import { renderTable } from '../../views/table.ts'

const HEADER = ['NAME', 'IMAGE', 'COMMAND', 'SERVICE', 'CREATED', 'STATUS', 'PORTS'] as const
/** Characters of a command that the table shows. */
const COMMAND_WIDTH = 20

/** `ps` for people. */
export function psTable(containers: readonly ProjectContainer[], truncate: boolean): string {
  const now = Date.now()
  return renderTable(
    HEADER,
    containers.map(({ name, image, command, service, created, status, ports }) => [
      name,
      image,
      `"${truncate ? shorten(command) : command}"`,
      service,
      `${approximateDuration(now - created * 1000)} ago`,
      status,
      describePorts(ports),
    ]),
  )
}

/** `ps --format json`: one object a line, with Compose's fields. */
export function psJson(container: ProjectContainer): string {
  const { id, name, image, command, created, exitCode, health, labels, mounts, networks, ports } = container
  return JSON.stringify({
    Command: `"${shorten(command)}"`,
    CreatedAt: new Date(created * 1000).toISOString(),
    ExitCode: exitCode,
    Health: health ?? '',
    ID: id,
    Image: image,
    Labels: Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
    LocalVolumes: String(mounts.filter(mount => mount.Type === 'volume').length),
    Mounts: mounts.map(mount => mount.Name ?? mount.Source).join(','),
    Name: name,
    Names: name,
    Networks: networks.join(','),
    Ports: describePorts(ports),
    Project: labels['com.docker.compose.project'] ?? '',
    Publishers: ports.map(port => ({
      URL: port.IP ?? '',
      TargetPort: port.PrivatePort,
      PublishedPort: port.PublicPort ?? 0,
      Protocol: port.Type,
    })),
    RunningFor: `${approximateDuration(Date.now() - created * 1000)} ago`,
    Service: container.service,
    Size: '0B',
    State: container.state,
    Status: container.status,
  })
}

function shorten(command: string): string {
  return command.length > COMMAND_WIDTH ? `${command.slice(0, COMMAND_WIDTH - 1)}…` : command
}
