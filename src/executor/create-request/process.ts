import type { ContainerCreateRequest } from '../../api/types/index.ts'
import type { Service } from '../../model/index.ts'
import { parseDuration } from '../../notation/index.ts'
import { compact, nonEmpty } from './input.ts'

type ProcessConfig = Pick<
  ContainerCreateRequest,
  | 'Hostname'
  | 'Domainname'
  | 'User'
  | 'WorkingDir'
  | 'Entrypoint'
  | 'Cmd'
  | 'Env'
  | 'Tty'
  | 'OpenStdin'
  | 'AttachStdout'
  | 'AttachStderr'
  | 'StopSignal'
  | 'StopTimeout'
>

/** The command, its environment, terminal and stop. */
export function processConfig(service: Service): ProcessConfig {
  return compact({
    Hostname: service.hostname,
    Domainname: service.domainname,
    User: service.user,
    WorkingDir: service.working_dir,
    // null inherits the image's; an empty list is sent, it clears the image's.
    Entrypoint: service.entrypoint ?? undefined,
    Cmd: service.command ?? undefined,
    Env: nonEmpty(environmentOf(service.environment)),
    Tty: service.tty,
    OpenStdin: service.stdin_open,
    AttachStdout: true,
    AttachStderr: true,
    StopSignal: service.stop_signal,
    StopTimeout: stopTimeout(service),
  })
}

/** `NAME=value`; a bare `NAME` takes the image's variable away. Sorted, so that equal services are equal containers. */
export function environmentOf(environment: Service['environment']): string[] {
  return Object.entries(environment ?? {})
    .map(([name, value]) => (value === null ? name : `${name}=${value}`))
    .sort()
}

/** Seconds, rounded up: the engine knows no fractions, and a grace period must not become none. */
function stopTimeout(service: Service): number | undefined {
  if (service.stop_grace_period === undefined) return undefined
  const nanoseconds = parseDuration(service.stop_grace_period)
  return nanoseconds === undefined ? undefined : Math.ceil(nanoseconds / 1e9)
}
