import type { ContainerConfig, HealthConfig } from '../../api/types/index.ts'
import { failure } from '../../diagnostics/index.ts'
import type { ContainerConfig as ImageContainerConfig } from '../../image/index.ts'

/**
 * Completes what a create asks for by the image's configuration, by Docker's rules (moby daemon/commit.go `merge`):
 * maps are united with the caller's values first, a given entrypoint drops the image's command, an entrypoint of one
 * empty string resets the image's. COMMAND_MISSING when nothing says what to run.
 */
export function mergeConfig(wanted: ContainerConfig, image: ImageContainerConfig): ContainerConfig {
  const command = mergeCommand(wanted, image)
  if (command.entrypoint.length + command.cmd.length === 0) {
    throw failure({
      code: 'COMMAND_MISSING',
      kind: 'invalidArgument',
      summary: 'no command specified',
      hint: 'the image has neither CMD nor ENTRYPOINT: give a command',
      facts: {},
    })
  }
  const healthcheck = mergeHealthcheck(wanted.Healthcheck, image.Healthcheck)
  return {
    ...wanted,
    User: wanted.User || (image.User ?? ''),
    WorkingDir: wanted.WorkingDir || (image.WorkingDir ?? ''),
    StopSignal: wanted.StopSignal || image.StopSignal,
    Shell: wanted.Shell ?? image.Shell,
    Env: mergeEnv(wanted.Env ?? [], image.Env ?? []),
    Labels: { ...image.Labels, ...wanted.Labels },
    ExposedPorts: { ...image.ExposedPorts, ...wanted.ExposedPorts },
    Volumes: { ...image.Volumes, ...wanted.Volumes },
    Entrypoint: command.entrypoint.length === 0 ? undefined : command.entrypoint,
    Cmd: command.cmd,
    ...(healthcheck === undefined ? {} : { Healthcheck: healthcheck }),
  }
}

function mergeCommand(
  wanted: ContainerConfig,
  image: ImageContainerConfig,
): { entrypoint: readonly string[]; cmd: readonly string[] } {
  const given = wanted.Entrypoint
  const cmd = wanted.Cmd ?? []
  if (given !== undefined && given.length > 0) {
    return { entrypoint: given.length === 1 && given[0] === '' ? [] : given, cmd }
  }
  return {
    entrypoint: given ?? image.Entrypoint ?? [],
    cmd: cmd.length > 0 ? cmd : (image.Cmd ?? []),
  }
}

/** The caller's entries, then those of the image whose names he did not use; a bare `NAME` hides the image's. */
function mergeEnv(wanted: readonly string[], image: readonly string[]): string[] {
  const names = new Set(wanted.map(nameOf))
  return [...wanted, ...image.filter(entry => !names.has(nameOf(entry)))]
}

function nameOf(entry: string): string {
  const equals = entry.indexOf('=')
  return equals < 0 ? entry : entry.slice(0, equals)
}

/** Each field that the caller left empty comes from the image. */
function mergeHealthcheck(
  wanted: HealthConfig | undefined,
  image: HealthConfig | undefined,
): HealthConfig | undefined {
  if (wanted === undefined) return image
  if (image === undefined) return wanted
  return {
    Test: wanted.Test !== undefined && wanted.Test.length > 0 ? wanted.Test : image.Test,
    Interval: wanted.Interval || image.Interval,
    Timeout: wanted.Timeout || image.Timeout,
    StartPeriod: wanted.StartPeriod || image.StartPeriod,
    StartInterval: wanted.StartInterval || image.StartInterval,
    Retries: wanted.Retries || image.Retries,
  }
}
