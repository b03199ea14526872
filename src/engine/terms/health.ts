import { PROBE_FORMS, PROBE_KINDS, type Probe, parseProbe } from '../../notation/index.ts'
import type { Given, Term } from './term.ts'

/** A health check with Docker's defaults filled in; times in milliseconds. */
export interface HealthPlan {
  /** A command in the container, or what the engine asks by itself. */
  readonly check: readonly string[] | Probe
  readonly interval: number
  readonly timeout: number
  readonly startPeriod: number
  readonly startInterval: number
  readonly retries: number
}

const NANOSECONDS = 1e6
const KINDS: readonly (string | undefined)[] = ['CMD', 'CMD-SHELL', 'PROBE']
const TIMES = ['Interval', 'Timeout', 'StartPeriod', 'StartInterval'] as const

type Own = 'Healthcheck' | 'Shell'

/** How the container's health is found out; undefined when it has no check or it is turned off. HEALTHCHECK_INVALID. */
export const healthTerm: Term<Own, HealthPlan | undefined> = {
  fields: { Healthcheck: true, Shell: true },
  path: 'Healthcheck',
  read: planOf,
  check: ({ Healthcheck = {} }, problems) => {
    const refuse = (field: string, summary: string): void =>
      problems.add('HEALTHCHECK_INVALID', `Healthcheck.${field}`, summary, { facts: {} })
    for (const field of TIMES) {
      const value = Healthcheck[field] ?? 0
      if (value !== 0 && value < NANOSECONDS) refuse(field, `got ${value} ns, want 0 or at least 1 ms`)
    }
    if ((Healthcheck.Retries ?? 0) < 0) refuse('Retries', 'want 0 or more')
    const [word, kind = '', text = '', ...more] = Healthcheck.Test ?? []
    if (word !== 'PROBE' || (more.length === 0 && parseProbe(kind, text) !== undefined)) return
    const known = PROBE_KINDS.find(each => each === kind)
    const wanted = known === undefined ? `one of ${PROBE_KINDS.join(', ')}` : PROBE_FORMS[known]
    refuse('Test', `got the probe "${[kind, text, ...more].join(' ')}", want ${wanted}`)
  },
}

/** What begins with a word that nobody knows is no check, as with Docker. */
export function unknownCheck({ Healthcheck }: Pick<Given, 'Healthcheck'>): string | undefined {
  const kind = Healthcheck?.Test?.[0]
  return kind === undefined || kind === 'NONE' || KINDS.includes(kind) ? undefined : kind
}

function planOf({ Healthcheck, Shell }: Pick<Given, Own>): HealthPlan | undefined {
  const [kind, ...rest] = Healthcheck?.Test ?? []
  if (Healthcheck === undefined || !KINDS.includes(kind) || rest.length === 0) return undefined
  const shell = Shell !== undefined && Shell.length > 0 ? Shell : ['/bin/sh', '-c']
  const check =
    kind === 'PROBE'
      ? parseProbe(rest[0] ?? '', rest[1] ?? '')
      : kind === 'CMD-SHELL'
        ? [...shell, rest.join(' ')]
        : rest
  if (check === undefined) return undefined
  return {
    check,
    interval: milliseconds(Healthcheck.Interval, 30_000),
    timeout: milliseconds(Healthcheck.Timeout, 30_000),
    startPeriod: milliseconds(Healthcheck.StartPeriod, 0),
    startInterval: milliseconds(Healthcheck.StartInterval, 5_000),
    retries: Healthcheck.Retries || 3,
  }
}

function milliseconds(nanoseconds: number | undefined, byDefault: number): number {
  return nanoseconds === undefined || nanoseconds === 0 ? byDefault : nanoseconds / NANOSECONDS
}
