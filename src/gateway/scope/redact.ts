import type {
  ContainerInspect,
  ContainerSummary,
  ImageInspect,
  InfoResponse,
  VolumeInspect,
} from '../../api/types/index.ts'

/**
 * What may hold a password, and nobody needs who routes to containers, watches them or follows their logs: values of variables,
 * annotations (ours tell digests of injected secrets, from which a short one can be guessed), options of log drivers (tokens) and
 * volumes (a share's password), credentials of proxies. Labels stay, since they are what such programs come for.
 */
const HIDDEN = '[redacted]'

/** `NAME=value` without the value. */
function names(env: readonly string[]): readonly string[] {
  return env.map(entry => `${entry.split('=', 1)[0]}=${HIDDEN}`)
}

export function redactContainer(inspect: ContainerInspect): ContainerInspect {
  const { Config, HostConfig, TscomposeInjected: _digest, ...rest } = inspect
  const { LogConfig, Annotations: _annotations, ...host } = HostConfig
  return {
    ...rest,
    Config: { ...Config, ...(Config.Env ? { Env: names(Config.Env) } : {}) },
    HostConfig: { ...host, ...(LogConfig ? { LogConfig: { ...LogConfig, Config: {} } } : {}) },
  }
}

export function redactSummary(summary: ContainerSummary): ContainerSummary {
  return { ...summary, HostConfig: { NetworkMode: summary.HostConfig.NetworkMode } }
}

export function redactImage(inspect: ImageInspect): ImageInspect {
  const { Env } = inspect.Config
  return Env ? { ...inspect, Config: { ...inspect.Config, Env: names(Env) } } : inspect
}

export function redactVolume(inspect: VolumeInspect): VolumeInspect {
  return { ...inspect, Options: null }
}

export function redactInfo(info: InfoResponse): InfoResponse {
  return { ...info, HttpProxy: '', HttpsProxy: '', NoProxy: '' }
}
