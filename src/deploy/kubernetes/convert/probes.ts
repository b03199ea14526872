import { type Probe as EngineProbe, PROBE_KINDS, parseProbe } from '../../../notation/index.ts'
import type { Probe } from '../objects/pod.ts'
import { compact, nameOf, type Subject } from './context.ts'
import { wholeSeconds } from './quantities.ts'
import { escapeReferences } from './references.ts'

/** The three questions that Kubernetes asks a container. */
export interface Probes {
  readonly startupProbe?: Probe
  readonly readinessProbe?: Probe
  readonly livenessProbe?: Probe
}

type Question = Pick<Probe, 'exec' | 'tcpSocket' | 'httpGet'>

/** What an engine takes where nothing is said, in seconds. */
const INTERVAL = '30s'
const START_INTERVAL = '5s'
const RETRIES = 3

/**
 * The health check as probes. Healthy is ready: names lead to pods that are ready alone, so that waiting for a service means
 * the same. An unhealthy container is restarted where the file asks for it. Failures within the start period do not count: that
 * is a startup probe, which takes as long.
 */
export function probesOf(subject: Subject): Probes {
  const { context, name, service, path } = subject
  const question = questionOf(subject)
  if (question === undefined) return {}
  const extension = service['x-tscompose']
  const times = { ...service.healthcheck, ...withoutUndefined(extension?.probe ?? {}) }
  const probe: Probe = {
    ...question,
    periodSeconds: wholeSeconds(times.interval ?? INTERVAL),
    timeoutSeconds: wholeSeconds(times.timeout ?? INTERVAL),
    failureThreshold: times.retries ?? RETRIES,
  }
  const at = [...path, extension?.probe === undefined ? 'healthcheck' : 'x-tscompose']
  const object = `Pod ${nameOf(context, name)}`
  context.notes.choose(at, object, 'healthy is ready: its Service leads to it while the check succeeds')
  const start = times.start_period === undefined ? 0 : wholeSeconds(times.start_period)
  const isRestarted = extension?.restart_unhealthy === true
  if (start > 1)
    context.notes.choose(
      [...at, 'start_period'],
      object,
      `a startup probe lets it take ${start} s, and failures do not count`,
    )
  return compact({
    startupProbe: start > 1 ? startupProbe(probe, start, times.start_interval ?? START_INTERVAL) : undefined,
    readinessProbe: probe,
    livenessProbe: isRestarted ? probe : undefined,
  })
}

/** Whether Kubernetes asks a service how it is: else it is ready as soon as it runs. */
export function isProbed(subject: Subject): boolean {
  return questionOf(subject) !== undefined
}

function startupProbe(probe: Probe, start: number, interval: string): Probe {
  const periodSeconds = Math.min(start, wholeSeconds(interval))
  const attempts = Math.ceil(start / periodSeconds) + probe.failureThreshold
  return { ...probe, periodSeconds, failureThreshold: attempts }
}

function questionOf(subject: Subject): Question | undefined {
  const { context, service, path } = subject
  const probe = service['x-tscompose']?.probe
  if (probe !== undefined) {
    const kind = PROBE_KINDS.find(each => probe[each] !== undefined)
    const parsed = kind === undefined ? undefined : parseProbe(kind, probe[kind] ?? '')
    const question = parsed === undefined ? undefined : questionOfProbe(parsed)
    if (question === undefined)
      context.notes.warn(
        'KUBERNETES_PROBE',
        [...path, 'x-tscompose', 'probe'],
        'Kubernetes asks neither sockets of files nor output: the pod is ready as soon as it runs',
        'write a healthcheck with a command, or a probe with tcp or http',
      )
    return question
  }
  const { test = [], disable } = service.healthcheck ?? {}
  const [form, ...words] = test
  if (disable === true || form === undefined || form === 'NONE') return undefined
  const command = form === 'CMD-SHELL' ? ['/bin/sh', '-c', ...words] : words
  return { exec: { command: command.map(escapeReferences) } }
}

function questionOfProbe(probe: EngineProbe): Question | undefined {
  switch (probe.kind) {
    case 'tcp':
      return { tcpSocket: compact({ port: probe.port, host: probe.address }) }
    case 'http':
      return {
        httpGet: compact({
          port: probe.port,
          path: probe.path,
          host: probe.address,
          httpHeaders: probe.host === 'localhost' ? undefined : [{ name: 'Host', value: probe.host }],
        }),
      }
    case 'unix':
    case 'log':
      return undefined
  }
}

function withoutUndefined<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>
}
