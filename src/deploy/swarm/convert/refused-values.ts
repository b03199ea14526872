import { bytesOf, type Path, type Service } from '../../../model/index.ts'
import { parseDuration } from '../../../notation/index.ts'
import { isNothing, valueAt } from '../../said.ts'
import type { Subject } from './context.ts'

type Findings = Subject['context']['findings']
type Inner = readonly string[]

const ACTIONS = ['pause', 'continue', 'rollback']

/** Attributes of which a manager, or `docker stack` before it, takes these words alone. */
const WORDS: readonly (readonly [path: Inner, words: readonly string[]])[] = [
  [
    ['deploy', 'mode'],
    ['replicated', 'global', 'replicated-job', 'global-job'],
  ],
  [
    ['deploy', 'endpoint_mode'],
    ['vip', 'dnsrr'],
  ],
  [['deploy', 'update_config', 'failure_action'], ACTIONS],
  [['deploy', 'rollback_config', 'failure_action'], ACTIONS],
  [
    ['deploy', 'restart_policy', 'condition'],
    ['none', 'on-failure', 'any'],
  ],
]

const PORT_MODES = ['ingress', 'host']
const PROTOCOLS = ['tcp', 'udp', 'sctp']
const PROPAGATIONS = ['rprivate', 'private', 'rshared', 'shared', 'rslave', 'slave']

/** The short forms of `restart`, the last of them with a number of attempts. */
const RESTART = /^(?:no|always|unless-stopped|on-failure(?::\d+)?)$/

/** Durations that may not be below nothing. */
const DURATIONS: readonly Inner[] = [
  ['deploy', 'update_config', 'delay'],
  ['deploy', 'update_config', 'monitor'],
  ['deploy', 'rollback_config', 'delay'],
  ['deploy', 'rollback_config', 'monitor'],
  ['deploy', 'restart_policy', 'delay'],
  ['deploy', 'restart_policy', 'window'],
]

/** Durations of health checks: nothing, or a millisecond at least. */
const CHECK_DURATIONS = ['interval', 'timeout', 'start_period', 'start_interval'] as const
const SHORTEST = 1e6

/** Bytes and processors below which a manager takes no limit, and no reservation. */
const LEAST_MEMORY = 4 * 2 ** 20
const LEAST_CPUS = 0.001

/** What is said of limits, and where; the latter where the former says nothing. */
const MEMORY: readonly (readonly Inner[])[] = [
  [['deploy', 'resources', 'limits', 'memory'], ['mem_limit']],
  [['deploy', 'resources', 'reservations', 'memory'], ['mem_reservation']],
]
const CPUS: readonly (readonly Inner[])[] = [
  [['deploy', 'resources', 'limits', 'cpus'], ['cpus']],
  [['deploy', 'resources', 'reservations', 'cpus']],
]

/** A constraint as managers read them, without blanks around it. */
const CONSTRAINT = /^[a-z_][a-z0-9\-_.]+\s*(?:==|!=)\s*[a-z0-9:\-_\s.*()?+[\]\\^$|/]+$/i

/** Tells, before anything is changed, of values that a manager refuses or takes for others. */
export function tellRefused(subject: Subject): void {
  tellWords(subject)
  tellAmounts(subject)
  tellDurations(subject)
  tellConstraints(subject)
}

function refuse(findings: Findings, path: Path, summary: string, hint?: string): void {
  findings.error('SWARM_VALUE', path, summary, hint)
}

function tellWords({ context: { findings }, service, path }: Subject): void {
  const check = (value: unknown, inner: Path, words: readonly string[]): void => {
    if (typeof value !== 'string' || value === '' || words.includes(value)) return
    const summary = `a swarm knows no ${String(inner.at(-1))} "${value}"`
    refuse(findings, [...path, ...inner], summary, `it knows ${words.join(', ')}`)
  }
  for (const [inner, words] of WORDS) {
    const value = valueAt(service, inner)
    // It is sent in small letters, as `docker stack` does.
    check(inner.at(-1) === 'endpoint_mode' ? String(value ?? '').toLowerCase() : value, inner, words)
  }
  for (const [index, { mode, protocol }] of (service.ports ?? []).entries()) {
    check(mode, ['ports', index, 'mode'], PORT_MODES)
    check(protocol, ['ports', index, 'protocol'], PROTOCOLS)
  }
  for (const [index, { bind }] of (service.volumes ?? []).entries())
    check(bind?.propagation, ['volumes', index, 'bind', 'propagation'], PROPAGATIONS)
  const { restart = 'no', deploy } = service
  if (deploy?.restart_policy === undefined && !RESTART.test(restart))
    refuse(findings, [...path, 'restart'], `a swarm knows no restart "${restart}"`)
}

/** The first of some places that says something. */
function saidFirst(service: Service, places: readonly Inner[]): readonly [unknown, Inner] | undefined {
  const inner = places.find(place => !isNothing(valueAt(service, place)))
  return inner && [valueAt(service, inner), inner]
}

function tellAmounts({ context: { findings }, service, path }: Subject): void {
  for (const places of MEMORY) {
    const [value, inner] = saidFirst(service, places) ?? []
    const bytes = inner === undefined ? 0 : (bytesOf(String(value)) ?? 0)
    if (inner !== undefined && bytes > 0 && bytes < LEAST_MEMORY)
      refuse(findings, [...path, ...inner], `a swarm takes no memory below 4 MiB, got "${String(value)}"`)
  }
  for (const places of CPUS) {
    const [value, inner] = saidFirst(service, places) ?? []
    if (inner !== undefined && Number(value) < LEAST_CPUS)
      refuse(
        findings,
        [...path, ...inner],
        `a swarm takes no less than ${LEAST_CPUS} of a processor, got ${String(value)}`,
      )
  }
  for (const config of ['update_config', 'rollback_config'] as const) {
    const ratio = service.deploy?.[config]?.max_failure_ratio ?? 0
    if (ratio < 0 || ratio > 1)
      refuse(
        findings,
        [...path, 'deploy', config, 'max_failure_ratio'],
        `a share is between 0 and 1, got ${ratio}`,
      )
  }
}

function tellDurations({ context, service, path }: Subject): void {
  for (const inner of DURATIONS) {
    const value = valueAt(service, inner)
    if (typeof value === 'string' && (parseDuration(value) ?? 0) < 0)
      refuse(context.findings, [...path, ...inner], `a swarm takes no duration below 0, got "${value}"`)
  }
  const { healthcheck } = service
  if (healthcheck === undefined || healthcheck.disable === true) return
  for (const attribute of CHECK_DURATIONS) {
    const value = healthcheck[attribute]
    const length = value === undefined ? 0 : (parseDuration(value) ?? 0)
    const isSent = attribute !== 'start_interval' || context.knowsStartInterval
    if (isSent && length !== 0 && length < SHORTEST)
      refuse(
        context.findings,
        [...path, 'healthcheck', attribute],
        `${attribute} of a check is 1ms at least, got "${value}"`,
      )
  }
}

function tellConstraints({ context: { findings }, service, path }: Subject): void {
  for (const [index, constraint] of (service.deploy?.placement?.constraints ?? []).entries())
    if (!CONSTRAINT.test(constraint.trim()))
      refuse(
        findings,
        [...path, 'deploy', 'placement', 'constraints', index],
        `a swarm cannot read the constraint "${constraint}"`,
        'write it as node.role == manager or node.labels.zone != a',
      )
}
