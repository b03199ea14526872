import type { Service, ServiceExtension } from '../../model/index.ts'

/** What a one-off container has otherwise than its service; a field that is absent leaves the service's. */
export interface OneOff {
  /** Empty: the service's, or none where the entrypoint is another one. */
  readonly command?: readonly string[]
  /** What the command line says in the words of a file, read as one: `entrypoint`, `environment`, `volumes`, `ports` … */
  readonly overrides?: Partial<Service>
  readonly tty: boolean
  readonly stdinOpen: boolean
  /** Publish the service's own ports. */
  readonly servicePorts?: boolean
}

/**
 * The service as `run` runs it: no ports unless asked for, never started again by itself, no name or number of its own.
 * Environment, labels, volumes and capabilities are added to the service's; a volume takes the place of one at the same target.
 */
export function oneOffService(service: Service, oneOff: OneOff): Service {
  const { command = [], overrides = {}, tty, stdinOpen, servicePorts = false } = oneOff
  const {
    restart: _restart,
    container_name: _name,
    ports,
    deploy,
    'x-tscompose': extension,
    ...rest
  } = service
  const { user, working_dir, entrypoint } = overrides
  const published = [...(servicePorts ? (ports ?? []) : []), ...(overrides.ports ?? [])]
  const targets = new Set((overrides.volumes ?? []).map(({ target }) => target))
  const isReplaced = ({ target }: { readonly target: string }): boolean => targets.has(target)
  return {
    ...rest,
    ...(user === undefined ? {} : { user }),
    ...(working_dir === undefined ? {} : { working_dir }),
    ...(entrypoint === undefined || entrypoint === null ? {} : { entrypoint, command: [] }),
    ...(command.length === 0 ? {} : { command }),
    ...(published.length === 0 ? {} : { ports: published }),
    ...(deploy === undefined ? {} : { deploy: withoutPolicy(deploy) }),
    ...(extension === undefined ? {} : { 'x-tscompose': awake(extension) }),
    environment: { ...service.environment, ...overrides.environment },
    labels: { ...service.labels, ...overrides.labels },
    volumes: [...(service.volumes ?? []).filter(mount => !isReplaced(mount)), ...(overrides.volumes ?? [])],
    cap_add: [...(service.cap_add ?? []), ...(overrides.cap_add ?? [])],
    cap_drop: [...(service.cap_drop ?? []), ...(overrides.cap_drop ?? [])],
    tty,
    stdin_open: stdinOpen,
  }
}

function withoutPolicy({
  restart_policy: _policy,
  ...deploy
}: NonNullable<Service['deploy']>): NonNullable<Service['deploy']> {
  return deploy
}

/** Nobody comes to it. */
function awake({ sleep: _, ...extension }: ServiceExtension): ServiceExtension {
  return { ...extension, restart_unhealthy: false }
}
