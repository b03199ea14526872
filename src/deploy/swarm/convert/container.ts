import type { HealthConfig, ServiceContainerSpec } from '../../../api/types/index.ts'
import type { Service } from '../../../model/index.ts'
import { compact, nanoseconds, nonEmpty, type Subject } from './context.ts'
import { fileReferences } from './files.ts'
import { mountsOf } from './mounts.ts'
import { stackLabels } from './names.ts'

/** The container of each task. */
export function containerOf(subject: Subject, image: string): ServiceContainerSpec {
  const { context, service } = subject
  return compact<ServiceContainerSpec>({
    Image: image,
    Labels: stackLabels(context.stack, service.labels),
    ...processOf(service),
    ...networkingOf(service),
    ...privilegesOf(service),
    Mounts: nonEmpty(mountsOf(subject)),
    Healthcheck: healthOf(subject),
    Secrets: nonEmpty(fileReferences(subject, 'secrets')),
    Configs: nonEmpty(fileReferences(subject, 'configs')),
  })
}

function processOf(service: Service): Partial<ServiceContainerSpec> {
  return {
    // An empty command clears the image's on one machine; a swarm cannot say that.
    Command: nonEmpty(service.entrypoint ?? undefined),
    Args: nonEmpty(service.command ?? undefined),
    Env: nonEmpty(environmentOf(service.environment)),
    Dir: service.working_dir,
    User: service.user,
    Groups: nonEmpty(service.group_add),
    TTY: service.tty,
    OpenStdin: service.stdin_open,
    Init: service.init,
    StopSignal: service.stop_signal,
    StopGracePeriod: nanoseconds(service.stop_grace_period),
  }
}

/** `NAME=value`; a bare `NAME` takes the image's variable away. Sorted, so that equal services are equal. */
function environmentOf(environment: Service['environment']): string[] {
  return Object.entries(environment ?? {})
    .map(([name, value]) => (value === null ? name : `${name}=${value}`))
    .sort()
}

function networkingOf(service: Service): Partial<ServiceContainerSpec> {
  const { dns, dns_search: search, dns_opt: options } = service
  const hasDns = [dns, search, options].some(list => nonEmpty(list) !== undefined)
  return {
    Hostname: service.hostname,
    Hosts: nonEmpty((service.extra_hosts ?? []).map(hostLine)),
    DNSConfig: hasDns
      ? compact({ Nameservers: nonEmpty(dns), Search: nonEmpty(search), Options: nonEmpty(options) })
      : undefined,
  }
}

/** `ADDRESS NAME`, as in a file of hosts. */
function hostLine(entry: string): string {
  const at = entry.indexOf('=')
  return `${entry.slice(at + 1)} ${entry.slice(0, at)}`
}

function privilegesOf(service: Service): Partial<ServiceContainerSpec> {
  const { sysctls = {} } = service
  return {
    ReadOnly: service.read_only,
    Sysctls: Object.keys(sysctls).length === 0 ? undefined : sysctls,
    CapabilityAdd: nonEmpty(capabilities(service.cap_add)),
    CapabilityDrop: nonEmpty(capabilities(service.cap_drop)),
    OomScoreAdj: service.oom_score_adj,
    Ulimits: nonEmpty(
      Object.entries(service.ulimits ?? {})
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, limit]) =>
          typeof limit === 'number'
            ? { Name: name, Soft: limit, Hard: limit }
            : { Name: name, Soft: limit.soft, Hard: limit.hard },
        ),
    ),
  }
}

/** `CAP_NET_ADMIN` and the like, each once, as a manager keeps them. */
function capabilities(names: readonly string[] = []): string[] {
  const full = names.map(name => {
    const upper = name.toUpperCase()
    return upper === 'ALL' || upper.startsWith('CAP_') ? upper : `CAP_${upper}`
  })
  return [...new Set(full)].sort()
}

function healthOf({ context, service: { healthcheck }, path }: Subject): HealthConfig | undefined {
  if (healthcheck === undefined) return undefined
  if (healthcheck.disable === true) return { Test: ['NONE'] }
  const isKept = context.knowsStartInterval || healthcheck.start_interval === undefined
  if (!isKept)
    context.findings.warn(
      'SWARM_ATTRIBUTE',
      [...path, 'healthcheck', 'start_interval'],
      'the engine of this manager is older than start_interval (25.0): checks begin at their usual interval',
    )
  return compact<HealthConfig>({
    Test: healthcheck.test,
    Interval: nanoseconds(healthcheck.interval),
    Timeout: nanoseconds(healthcheck.timeout),
    StartPeriod: nanoseconds(healthcheck.start_period),
    StartInterval: isKept ? nanoseconds(healthcheck.start_interval) : undefined,
    Retries: healthcheck.retries,
  })
}
