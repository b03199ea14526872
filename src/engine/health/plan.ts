import type { ContainerConfig, HealthStatus } from '../../api/types/index.ts'

/** A health check with Docker's defaults filled in; times in milliseconds. */
export interface HealthPlan {
  readonly argv: readonly string[]
  readonly interval: number
  readonly timeout: number
  readonly startPeriod: number
  readonly startInterval: number
  readonly retries: number
}

const NANOSECONDS = 1e6

/** The plan of a container's health check; undefined when it has none or it is turned off. */
export function planOf(config: ContainerConfig): HealthPlan | undefined {
  const health = config.Healthcheck
  const [kind, ...rest] = health?.Test ?? []
  if (health === undefined || kind === undefined || kind === 'NONE' || rest.length === 0) return undefined
  const shell = config.Shell !== undefined && config.Shell.length > 0 ? config.Shell : ['/bin/sh', '-c']
  return {
    argv: kind === 'CMD-SHELL' ? [...shell, rest.join(' ')] : rest,
    interval: milliseconds(health.Interval, 30_000),
    timeout: milliseconds(health.Timeout, 30_000),
    startPeriod: milliseconds(health.StartPeriod, 0),
    startInterval: milliseconds(health.StartInterval, 5_000),
    retries: health.Retries || 3,
  }
}

function milliseconds(nanoseconds: number | undefined, byDefault: number): number {
  return nanoseconds === undefined || nanoseconds === 0 ? byDefault : nanoseconds / NANOSECONDS
}

/**
 * Milliseconds to the next regular probe, `elapsed` milliseconds after the start: quick ones only in the start period and
 * until the first success, as Docker has it.
 */
export function intervalOf(plan: HealthPlan, status: HealthStatus, elapsed: number): number {
  return status === 'starting' && elapsed < plan.startPeriod ? plan.startInterval : plan.interval
}
