import type { ContainerConfig, HostConfig } from '../../api/types/index.ts'
import { parsePortBindings, renderHosts, resolveExtraHosts } from '../../network/index.ts'
import { resolveCapabilities } from '../security/index.ts'
import { checkLogging } from './log.ts'
import { checkNamespaceModes } from './namespaces.ts'
import type { Problems } from './problems.ts'
import { checkResources } from './resources.ts'
import { parseSecurityOptions } from './security.ts'
import { parseSignal } from './signals.ts'

/** What a hostname may be made of: it lands in /etc/hosts and in a shell's prompt. */
const HOSTNAME = /^[a-zA-Z0-9_]([a-zA-Z0-9_.-]{0,62}[a-zA-Z0-9_])?$/

/** Checks everything of a merged configuration that can be told without looking at networks, volumes and images. */
export function validateConfig(
  config: ContainerConfig,
  host: HostConfig,
  argv: readonly string[],
  problems: Problems,
): void {
  checkTexts(config, argv, problems)
  if (config.StopSignal) problems.collect('StopSignal', () => void parseSignal(config.StopSignal ?? ''))
  checkHealth(config, problems)
  checkNamespaceModes(config, host, problems)
  checkNetworking(config, host, problems)
  checkResources(host, problems)
  checkRestart(host, problems)
  checkLogging(host, problems)
  problems.collect('HostConfig.SecurityOpt', () => void parseSecurityOptions(host))
  problems.collect('HostConfig.CapAdd', () => void resolveCapabilities({ capAdd: host.CapAdd ?? [] }))
  problems.collect('HostConfig.CapDrop', () => void resolveCapabilities({ capDrop: host.CapDrop ?? [] }))
  if (host.VolumeDriver && host.VolumeDriver !== 'local') {
    problems.add(
      'VOLUME_DRIVER',
      'HostConfig.VolumeDriver',
      `volume driver "${host.VolumeDriver}" does not exist, want local`,
    )
  }
}

function checkTexts(config: ContainerConfig, argv: readonly string[], problems: Problems): void {
  if (config.Hostname && !HOSTNAME.test(config.Hostname)) {
    problems.add('HOSTNAME_INVALID', 'Hostname', `hostname ${JSON.stringify(config.Hostname)} is not allowed`)
  }
  if (config.Domainname && !HOSTNAME.test(config.Domainname)) {
    problems.add(
      'HOSTNAME_INVALID',
      'Domainname',
      `domainname ${JSON.stringify(config.Domainname)} is not allowed`,
    )
  }
  for (const entry of config.Env ?? []) {
    if (entry.startsWith('=') || entry === '' || entry.includes('\0')) {
      problems.add(
        'ENV_INVALID',
        'Env',
        `environment entry ${JSON.stringify(entry)} has no name or holds a NUL`,
      )
    }
  }
  if (argv.some(argument => argument.includes('\0'))) {
    problems.add('COMMAND_INVALID', 'Cmd', 'an argument of the command holds a NUL')
  }
  const folder = config.WorkingDir ?? ''
  if (folder !== '' && !folder.startsWith('/')) {
    problems.add('WORKING_DIR_INVALID', 'WorkingDir', `working directory "${folder}" is not absolute`)
  }
  if ((config.StopTimeout ?? 0) < -1)
    problems.add('TIMEOUT_INVALID', 'StopTimeout', 'want seconds, or -1 for no limit')
}

function checkHealth(config: ContainerConfig, problems: Problems): void {
  const health = config.Healthcheck
  if (health === undefined) return
  const kind = health.Test?.[0]
  if (kind !== undefined && !['NONE', 'CMD', 'CMD-SHELL'].includes(kind)) {
    problems.add(
      'HEALTHCHECK_INVALID',
      'Healthcheck.Test',
      `got "${kind}" first, want NONE, CMD or CMD-SHELL`,
    )
  }
  for (const field of ['Interval', 'Timeout', 'StartPeriod', 'StartInterval'] as const) {
    const value = health[field] ?? 0
    if (value !== 0 && value < 1_000_000) {
      problems.add('HEALTHCHECK_INVALID', `Healthcheck.${field}`, `got ${value} ns, want 0 or at least 1 ms`)
    }
  }
  if ((health.Retries ?? 0) < 0) problems.add('HEALTHCHECK_INVALID', 'Healthcheck.Retries', 'want 0 or more')
}

function checkNetworking(config: ContainerConfig, host: HostConfig, problems: Problems): void {
  problems.collect('HostConfig.PortBindings', () => {
    parsePortBindings(portBindingsOf(host), {
      publishAll: host.PublishAllPorts === true,
      exposed: Object.keys(config.ExposedPorts ?? {}),
    })
  })
  problems.collect('HostConfig.ExtraHosts', () => {
    renderHosts({
      hostname: 'check',
      addresses: [],
      extraHosts: resolveExtraHosts(host.ExtraHosts ?? [], ['192.0.2.1']),
    })
  })
}

/** The bindings without the `undefined`s that the wire types allow. */
export function portBindingsOf(
  host: HostConfig,
): Record<string, { HostIp?: string; HostPort?: string }[] | null> {
  return Object.fromEntries(
    Object.entries(host.PortBindings ?? {}).map(([port, bindings]) => [
      port,
      bindings?.map(({ HostIp, HostPort }) => ({
        ...(HostIp === undefined ? {} : { HostIp }),
        ...(HostPort === undefined ? {} : { HostPort }),
      })) ?? null,
    ]),
  )
}

function checkRestart(host: HostConfig, problems: Problems): void {
  const { Name = '', MaximumRetryCount = 0 } = host.RestartPolicy ?? {}
  if (!['', 'no', 'always', 'unless-stopped', 'on-failure'].includes(Name)) {
    problems.add('RESTART_INVALID', 'HostConfig.RestartPolicy', `policy "${Name}" does not exist`)
  }
  if (MaximumRetryCount < 0 || (MaximumRetryCount > 0 && Name !== 'on-failure')) {
    problems.add(
      'RESTART_INVALID',
      'HostConfig.RestartPolicy',
      'a maximum retry count goes with on-failure only',
    )
  }
  if (host.AutoRemove === true && !['', 'no'].includes(Name)) {
    problems.add(
      'RESTART_INVALID',
      'HostConfig.AutoRemove',
      `cannot be combined with restart policy "${Name}"`,
    )
  }
}
