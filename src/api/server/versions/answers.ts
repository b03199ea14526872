import type { ResultOf, RouteName } from '../../routes.ts'
import type { ContainerInspect, EndpointAnswer } from '../../types/index.ts'
import type { AnswerOf } from '../handler.ts'
import { wholeConfig, withoutDigests, withVirtualSize, withVirtualSizes } from './images.ts'
import { compareVersions } from './version.ts'

/** What the answer of a route was before a version of the API. */
interface Change {
  readonly route: RouteName
  readonly before: string
  readonly change: (answer: unknown) => unknown
}

/**
 * What answers were, newest change first: to whoever speaks an older version each is told as it was then, by all changes that
 * came since, one upon the other. What is not here is as it is now in every version.
 */
const CHANGES: readonly Change[] = [
  since('1.51', 'imageList', images => images.map(image => ({ ...image, Containers: -1 }))),
  since('1.50', 'imageInspect', image => ({ ...image, Config: wholeConfig(image.Config) })),
  since('1.50', 'info', info => ({ ...info, BridgeNfIptables: false, BridgeNfIp6tables: false })),
  since('1.49', 'info', ({ FirewallBackend, ...info }) => ({
    ...info,
    ContainerdCommit: expected(info.ContainerdCommit),
    RuncCommit: expected(info.RuncCommit),
    InitCommit: expected(info.InitCommit),
  })),
  since('1.47', 'info', info => ({
    ...info,
    RegistryConfig: {
      AllowNondistributableArtifactsCIDRs: null,
      AllowNondistributableArtifactsHostnames: null,
      ...info.RegistryConfig,
    },
  })),
  since('1.46', 'info', ({ Containerd, ...info }) => info),
  since('1.46', 'containerList', rows =>
    rows.map(({ HostConfig: { Annotations, ...host }, ...row }) => ({ ...row, HostConfig: host })),
  ),
  since('1.45', 'containerInspect', withShortId),
  since('1.45', 'imageInspect', image => ({ ...image, ContainerConfig: wholeConfig({}) })),
  since('1.44', 'imageInspect', withVirtualSize),
  since('1.44', 'imageList', withVirtualSizes),
  since('1.44', 'diskUsage', usage => ({ ...usage, Images: usage.Images && withVirtualSizes(usage.Images) })),
  since('1.44', 'info', info => ({ ...info, Runtimes: pathsAlone(info.Runtimes) })),
  since('1.43', 'imageList', images => images.map(withoutDigests)),
  since('1.42', 'info', info => ({ ...info, KernelMemory: false })),
  since('1.42', 'diskUsage', usage => ({
    ...usage,
    BuilderSize: (usage.BuildCache ?? []).reduce((sum, { Size, Shared }) => sum + (Shared ? 0 : Size), 0),
  })),
  since('1.42', 'containerLogs', log => ({ ...log, untyped: true })),
  since('1.42', 'containerAttach', session => session && { ...session, untyped: true }),
  since('1.42', 'execStart', session => session && { ...session, untyped: true }),
  since('1.25', 'info', info => ({ ...info, SecurityOptions: info.SecurityOptions.map(bareName) })),
]

/** The answer as the version has it. */
export function answerFor(version: string, route: RouteName, answer: unknown): unknown {
  let told = answer
  for (const { route: changed, before, change } of CHANGES) {
    if (changed === route && told !== undefined && compareVersions(version, before) < 0) told = change(told)
  }
  return told
}

/** The change that `before` brought to the route, undone. */
function since<N extends RouteName>(
  before: string,
  route: N,
  change: (answer: AnswerOf<N>) => unknown,
): Change {
  // An older change sees what a newer one has left, of which it looks at nothing.
  return { route, before, change: answer => change(answer as AnswerOf<N>) }
}

function expected({ ID }: { readonly ID: string }): { readonly ID: string; readonly Expected: string } {
  return { ID, Expected: ID }
}

function pathsAlone(runtimes: ResultOf<'info'>['Runtimes']): ResultOf<'info'>['Runtimes'] {
  return Object.fromEntries(Object.entries(runtimes).map(([name, { path }]) => [name, { path }]))
}

/** `name=seccomp,profile=builtin` was `seccomp`. */
function bareName(option: string): string {
  return /^name=([^,]+)/.exec(option)?.[1] ?? option
}

/** Length of an id as people see it. */
const SHORT = 12
/** Modes and the network on which names mean nothing. */
const NAMELESS = ['bridge', 'default', 'host', 'none']

/** The beginning of a container's id was one of its aliases, on networks where names resolve; now it is in `DNSNames` alone. */
function withShortId(container: ContainerInspect): ContainerInspect {
  const shortId = container.Id.slice(0, SHORT)
  const named = Object.entries(container.NetworkSettings.Networks).map(
    ([name, endpoint]): [string, EndpointAnswer] => [
      name,
      NAMELESS.includes(name)
        ? endpoint
        : { ...endpoint, Aliases: [...new Set([...(endpoint.Aliases ?? []), shortId])] },
    ],
  )
  return {
    ...container,
    NetworkSettings: { ...container.NetworkSettings, Networks: Object.fromEntries(named) },
  }
}
