import type {
  ContainerInspect,
  ContainerSummary,
  ImageInspect,
  InfoResponse,
  VolumeInspect,
} from '../../api/types/index.ts'

/**
 * What may hold a password, and nobody needs who routes to containers, watches them or follows their logs: values of variables,
 * command lines (`redis-server --requirepass …`), those of health checks, too, annotations (ours tell digests of injected secrets, from which a short one can be guessed), options of log drivers (tokens) and
 * volumes (a share's password), credentials of proxies. Labels stay, since they are what such programs come for.
 */
const HIDDEN = '[redacted]'

/** `NAME=value` without the value. */
function names(env: readonly string[]): readonly string[] {
  return env.map(entry => `${entry.split('=', 1)[0]}=${HIDDEN}`)
}

/** The commands that it has; which kind of check there is stays, for whoever asks whether there is one. */
function withoutCommands<T extends Commands>(config: T): T {
  const { Cmd, Entrypoint, Healthcheck } = config
  const [kind, ...check] = Healthcheck?.Test ?? []
  return {
    ...config,
    ...(Cmd?.length ? { Cmd: [HIDDEN] } : {}),
    ...(Entrypoint?.length ? { Entrypoint: [HIDDEN] } : {}),
    ...(kind !== undefined && check.length > 0
      ? { Healthcheck: { ...Healthcheck, Test: [kind, HIDDEN] } }
      : {}),
  }
}

interface Commands {
  readonly Cmd?: readonly string[] | null | undefined
  readonly Entrypoint?: readonly string[] | null | undefined
  readonly Healthcheck?: { readonly Test?: readonly string[] | null | undefined } | null | undefined
}

export function redactContainer(inspect: ContainerInspect): ContainerInspect {
  const { Config, HostConfig, TscomposeInjected: _digest, ...rest } = inspect
  const { LogConfig, Annotations: _annotations, ...host } = HostConfig
  return {
    ...rest,
    Path: HIDDEN,
    Args: [],
    State: withoutProbes(rest.State),
    Config: withoutCommands({ ...Config, ...(Config.Env ? { Env: names(Config.Env) } : {}) }),
    HostConfig: { ...host, ...(LogConfig ? { LogConfig: { ...LogConfig, Config: {} } } : {}) },
  }
}

/** A start that failed names the command, and what a check said may, too. */
function withoutProbes(state: ContainerInspect['State']): ContainerInspect['State'] {
  const { Health, ...rest } = state
  const shown = { ...rest, ...(rest.Error ? { Error: HIDDEN } : {}) }
  if (!Health) return shown
  return {
    ...shown,
    Health: { ...Health, Log: Health.Log?.map(probe => ({ ...probe, Output: HIDDEN })) ?? null },
  }
}

export function redactSummary(summary: ContainerSummary): ContainerSummary {
  const { NetworkMode } = summary.HostConfig
  // What others call it by links names them, too, and whose they are.
  const Names = summary.Names?.filter(name => !name.slice(1).includes('/'))
  return { ...summary, Names, Command: HIDDEN, HostConfig: { NetworkMode } }
}

export function redactImage(inspect: ImageInspect): ImageInspect {
  const { Env } = inspect.Config
  return { ...inspect, Config: withoutCommands({ ...inspect.Config, ...(Env ? { Env: names(Env) } : {}) }) }
}

export function redactVolume(inspect: VolumeInspect): VolumeInspect {
  return { ...inspect, Options: null }
}

export function redactInfo(info: InfoResponse): InfoResponse {
  return { ...info, HttpProxy: '', HttpsProxy: '', NoProxy: '' }
}
