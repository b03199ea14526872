import type { Path } from '../../model/index.ts'
import {
  formatDuration,
  PROBE_FORMS,
  PROBE_KINDS,
  parseBytes,
  parseLongDuration,
  parseProbe,
  parseSignalName,
} from '../../notation/index.ts'
import { scalarText } from '../merge/key-values.ts'
import { asList, asMap, child, descendant, isNull, isSaid, type Node, textOf } from '../tree/node.ts'
import type { Consistency } from './context.ts'
import { checkEgress } from './egress.ts'
import { checkMountTargets } from './mounts.ts'

type Check = (service: Node, path: Path, context: Consistency) => void

/** Attributes of one service that contradict each other. */
export function checkSingleService(service: Node, path: Path, context: Consistency): void {
  for (const check of CHECKS) check(service, path, context)
}

const hasSource: Check = (service, path, { reporter, project }) => {
  const [name] = path.slice(-1)
  const given = (key: string): boolean => {
    const node = child(service, key)
    return node !== undefined && textOf(node) !== ''
  }
  if (['image', 'build', 'provider'].some(given) || reporter.isBroken(path)) return
  const services = child(project, 'services')
  const key =
    services?.kind === 'map' && typeof name === 'string' ? services.entries.get(name)?.key : undefined
  reporter.error('NO_IMAGE', `give the service "${name}" an image or a build`, {
    path,
    node: service,
    span: key,
  })
}

const dockerfile: Check = (service, path, { reporter }) => {
  const build = child(service, 'build')
  const node = child(build, 'dockerfile_inline')
  if (node && child(build, 'dockerfile'))
    reporter.error('CONFLICTING_ATTRIBUTES', 'write either dockerfile or dockerfile_inline, not both', {
      path: [...path, 'build'],
      node,
    })
}

const platforms: Check = (service, path, { reporter }) => {
  const platform = textOf(child(service, 'platform'))
  const list = asList(descendant(service, ['build', 'platforms']))
  if (platform === undefined || !list?.items.length || list.items.some(item => textOf(item) === platform))
    return
  reporter.error('PLATFORM_NOT_BUILT', `add "${platform}" to build.platforms, the service runs on it`, {
    path: [...path, 'build', 'platforms'],
    node: list,
  })
}

const networkMode: Check = (service, path, { reporter }) => {
  const mode = child(service, 'network_mode')
  const networks = asMap(child(service, 'networks'))
  if (textOf(mode) && networks && networks.entries.size > 0)
    reporter.error('CONFLICTING_ATTRIBUTES', 'write either network_mode or networks, not both', {
      path: [...path, 'network_mode'],
      node: mode,
    })
}

const healthcheck: Check = (service, path, { reporter }) => {
  const check = child(service, 'healthcheck')
  const test = asList(child(check, 'test'))
  const first = test?.items[0]
  const kind = first?.kind === 'scalar' ? scalarText(first.value) : undefined
  if (kind !== undefined && !['NONE', 'CMD', 'CMD-SHELL'].includes(kind))
    reporter.error(
      'INVALID_HEALTHCHECK',
      `start healthcheck.test with NONE, CMD or CMD-SHELL, got "${kind}"`,
      {
        path: [...path, 'healthcheck', 'test', 0],
        node: first,
        hint: `write [CMD, ${kind}, …]`,
      },
    )
}

/** Exactly one thing is asked, in a form that it can have. */
const probe: Check = (service, path, { reporter }) => {
  const at = [...path, 'x-tscompose', 'probe']
  const request = descendant(service, ['x-tscompose', 'probe'])
  if (request === undefined || isNull(request)) return
  const asked = PROBE_KINDS.filter(kind => isSaid(child(request, kind)))
  const [kind] = asked
  if (kind === undefined || asked.length > 1) {
    reporter.error(
      'INVALID_PROBE',
      `write one of ${PROBE_KINDS.join(', ')} in a probe, got ${asked.join(' and ') || 'none'}`,
      {
        path: at,
        node: request,
      },
    )
    return
  }
  const node = child(request, kind)
  const text = node?.kind === 'scalar' ? scalarText(node.value) : ''
  const driver = descendant(service, ['logging', 'driver'])
  if (parseProbe(kind, text) === undefined)
    reporter.error('INVALID_PROBE', `write ${PROBE_FORMS[kind]}, got "${text}"`, {
      path: [...at, kind],
      node,
    })
  else if (kind === 'log' && driver !== undefined && textOf(driver) === 'none')
    reporter.error('CONFLICTING_ATTRIBUTES', 'write a probe by log or the logging driver none, not both', {
      path: [...at, kind],
      node,
      hint: 'without a log nobody could see the line: give the service another logging driver, or probe a port',
    })
}

/** What new contents are told by is there to be sent. */
const changeSignal: Check = (service, path, { reporter }) => {
  const node = descendant(service, ['x-tscompose', 'on_change'])
  const text = node === undefined ? undefined : textOf(node)
  if (text === undefined || text === 'none' || parseSignalName(text) !== undefined) return
  reporter.error('INVALID_VALUE', `write none or a signal such as SIGHUP, got "${text}"`, {
    path: [...path, 'x-tscompose', 'on_change'],
    node,
  })
}

/** Who comes is seen at its own network, and a short sleep would be none. */
const sleeping: Check = (service, path, { reporter }) => {
  const sleep = descendant(service, ['x-tscompose', 'sleep'])
  if (sleep === undefined || isNull(sleep)) return
  const at = [...path, 'x-tscompose', 'sleep']
  for (const [key, least] of Object.entries({ freeze: 1e9, stop: 0 })) {
    const node = child(sleep, key)
    const text = node === undefined ? undefined : textOf(node)
    const time = text === undefined ? undefined : parseLongDuration(text)
    if (time === undefined || time >= least) continue
    reporter.error('INVALID_VALUE', `write a time from ${formatDuration(least)} on, got "${text}"`, {
      path: [...at, key],
      ...(node === undefined ? {} : { node }),
    })
  }
  const mode = textOf(child(service, 'network_mode'))
  if (mode !== undefined && /^(host|none|service:.*|container:.*)$/.test(mode))
    reporter.error('CONFLICTING_ATTRIBUTES', `write sleep or network_mode: ${mode}, not both`, {
      path: at,
      node: sleep,
      hint: 'the first connection wakes a service, which is seen at its own network alone',
    })
}

/** Pairs of attributes that say the same and must agree. */
const TWINS: readonly (readonly [string, readonly string[], boolean])[] = [
  ['scale', ['deploy', 'replicas'], false],
  ['cpus', ['deploy', 'resources', 'limits', 'cpus'], false],
  ['mem_limit', ['deploy', 'resources', 'limits', 'memory'], true],
  ['mem_reservation', ['deploy', 'resources', 'reservations', 'memory'], true],
  ['pids_limit', ['deploy', 'resources', 'limits', 'pids'], false],
]

const twins: Check = (service, path, { reporter }) => {
  for (const [key, other, isSize] of TWINS) {
    const own = child(service, key)
    const deployed = descendant(service, other)
    if (own?.kind !== 'scalar' || deployed?.kind !== 'scalar') continue
    const [left, right] = [scalarText(own.value), scalarText(deployed.value)]
    const same = isSize ? parseBytes(left) === parseBytes(right) : Number(left) === Number(right)
    if (!same && own.value !== null && deployed.value !== null)
      reporter.error(
        'CONFLICTING_ATTRIBUTES',
        `write the same value for ${key} and ${other.join('.')}, got ${left} and ${right}`,
        {
          path: [...path, key],
          node: own,
        },
      )
  }
}

const scaledName: Check = (service, path, { reporter }) => {
  const name = child(service, 'container_name')
  const scale = child(service, 'scale') ?? descendant(service, ['deploy', 'replicas'])
  if (!textOf(name) || scale?.kind !== 'scalar' || Number(scale.value) <= 1) return
  reporter.error(
    'CONTAINER_NAME_SCALED',
    `remove container_name: ${String(scale.value)} containers cannot share a name`,
    {
      path: [...path, 'container_name'],
      node: name,
    },
  )
}

const watch: Check = (service, path, { reporter }) => {
  const rules = asList(descendant(service, ['develop', 'watch']))?.items ?? []
  for (const [index, rule] of rules.entries()) {
    const action = textOf(child(rule, 'action'))
    const at: Path = [...path, 'develop', 'watch', index]
    if (reporter.isBroken(at)) continue
    if (action !== 'rebuild' && action !== 'restart' && !textOf(child(rule, 'target')))
      reporter.error('WATCH_TARGET_MISSING', `give the watch rule a target, ${action} needs one`, {
        path: at,
        node: rule,
      })
  }
}

const macAddress: Check = (service, path, { reporter }) => {
  const own = textOf(child(service, 'mac_address'))
  const networks = asMap(child(service, 'networks'))
  if (!own || !networks) return
  for (const [name, { node }] of networks.entries) {
    const other = child(node, 'mac_address')
    if (networks.entries.size === 1 && textOf(other) && textOf(other) !== own)
      reporter.error(
        'CONFLICTING_ATTRIBUTES',
        `write the same mac_address for the service and its network "${name}"`,
        {
          path: [...path, 'mac_address'],
          node: other,
        },
      )
  }
}

/** Only the long form can say it: of the short one it is no port. */
const portTargets: Check = (service, path, { reporter }) => {
  for (const [index, port] of (asList(child(service, 'ports'))?.items ?? []).entries()) {
    const at: Path = [...path, 'ports', index]
    const target = child(port, 'target')
    if (reporter.isBroken(at) || (target?.kind === 'scalar' && Number(target.value) > 0)) continue
    if (target !== undefined && target.kind !== 'scalar') continue
    reporter.error('INVALID_PORT', 'write the port of the container as target, 1 to 65535', {
      path: [...at, 'target'],
      node: target ?? port,
    })
  }
}

const CHECKS: readonly Check[] = [
  hasSource,
  dockerfile,
  platforms,
  networkMode,
  healthcheck,
  probe,
  checkEgress,
  changeSignal,
  sleeping,
  twins,
  scaledName,
  watch,
  macAddress,
  portTargets,
  checkMountTargets,
]
