import type { ImageRecord } from '../../../image/index.ts'
import { formatPlatform, hostPlatform } from '../../../oci/platform.ts'
import { hasNoWayIn } from '../../endpoints/ports.ts'
import { ENDPOINT_OPTIONS } from '../../endpoints/settings.ts'
import { numbersOfDevice } from '../../security/index.ts'
import type { Container } from '../../state/container.ts'
import type { EngineContext } from '../../state/context.ts'
import { kernelLimits } from '../../terms/limits.ts'
import { unsupportedWarnings } from '../../terms/without-effect.ts'

/** In Docker's words, as the next one is. */
const OOM_UNLIMITED =
  'OOM killer is disabled for the container, but no memory limit is set, this can result in the system running out of resources.'

/** What of a new container has no effect on this engine or this machine. */
export function warningsOf(engine: EngineContext, container: Container): string[] {
  const { terms, record } = container
  const { config, hostConfig, endpoints } = record
  const warnings = unsupportedWarnings({ ...config, ...hostConfig })
  // Without labels is how each is.
  if (engine.host.selinux === undefined && terms.security.labelOptions?.some(option => option !== 'disable'))
    warnings.push('HostConfig.SecurityOpt label: containers get no SELinux labels on this machine')
  if (endpoints.length === 0 && terms.ports.published.length > 0) {
    warnings.push(`Published ports are discarded when using ${terms.network.mode.kind} network mode`)
  } else if (terms.ports.published.length > 0 && hasNoWayIn(engine, container)) {
    warnings.push('Published ports are discarded: nobody comes in by an internal network, macvlan or ipvlan')
  }
  for (const { networkName, driverOpts } of endpoints)
    for (const option of Object.keys(driverOpts))
      if (!ENDPOINT_OPTIONS.includes(option))
        warnings.push(`option ${option} of the endpoint on ${networkName} has no effect on this engine`)
  if (terms.mounts.own.some(({ type }) => type === 'image'))
    warnings.push('Image mount is an experimental feature')
  if (terms.limits.oomKillDisable === true && terms.limits.memory === undefined) warnings.push(OOM_UNLIMITED)
  if (terms.restart.unhealthy && terms.health === undefined)
    warnings.push('HostConfig.RestartPolicy.TscomposeUnhealthy has no effect without a health check')
  if (config.Healthcheck?.StartInterval && !config.Healthcheck.StartPeriod) {
    warnings.push('Healthcheck.StartInterval has no effect without StartPeriod')
  }
  return [...warnings, ...lostLimits(engine, container)]
}

/** As Docker's «Your kernel does not support …»: whoever asks for a limit hears in the answer that it is not kept. */
function lostLimits(engine: EngineContext, { terms }: Container): string[] {
  return engine.host.cgroups.lost(kernelLimits(terms.limits, numbersOfDevice), terms.group.budget)
}

/** Processors that run what is made for another kind, too. */
const OLDER: Readonly<Record<string, string>> = { amd64: '386', arm64: 'arm' }

/** In Docker's words: of an image for another kind of machine, where none was asked for. */
export function platformWarnings({ os, architecture }: ImageRecord): string[] {
  const host = hostPlatform()
  // An image that was imported may not say it.
  if ([host.architecture, OLDER[host.architecture], ''].includes(architecture) && os === host.os) return []
  const own = formatPlatform(host)
  return [
    `The requested image's platform (${os}/${architecture}) does not match the detected host platform (${own}) and no specific platform was requested`,
  ]
}
