import type { ContainerInspect } from '../api/types/index.ts'
import { failure } from '../diagnostics/index.ts'
import { exitText, oomText } from './oom-text.ts'

/** True once the container is healthy; throws when it can not become so any more. */
export function isHealthy(name: string, service: string, { State }: ContainerInspect): boolean {
  if (State.Status === 'exited' || State.Status === 'dead')
    throw failure({
      kind: 'unavailable',
      code: 'DEPENDENCY_EXITED',
      summary: `dependency failed to start: container ${name} ${exitText(State)}`,
      hint: `see all that it wrote: tscompose logs ${service}`,
    })
  const health = State.Health
  if (health === undefined || health.Status === 'none')
    throw failure({
      kind: 'invalidArgument',
      code: 'NO_HEALTHCHECK',
      summary: `dependency failed to start: container ${name} has no health check, so it can not become healthy`,
      hint: 'give its service a "healthcheck", or depend on "service_started"',
    })
  if (health.Status !== 'unhealthy') return health.Status === 'healthy'
  const probe = health.Log?.at(-1)
  throw failure({
    kind: 'unavailable',
    code: 'DEPENDENCY_UNHEALTHY',
    summary: `dependency failed to start: container ${name} is unhealthy`,
    ...(probe === undefined
      ? {}
      : { detail: `last probe exited with ${probe.ExitCode}: ${probe.Output.trim()}` }),
  })
}

/** True once the container has ended with 0; throws when it ended otherwise. */
export function isCompleted(_name: string, service: string, { State }: ContainerInspect): boolean {
  if (State.Status !== 'exited' && State.Status !== 'dead') return false
  if (State.ExitCode === 0) return true
  throw failure({
    kind: 'unavailable',
    code: 'DEPENDENCY_FAILED',
    summary: `service "${service}" didn't complete successfully: exit ${State.ExitCode}${State.OOMKilled ? `, ${oomText(State.TscomposeOom)}` : ''}`,
    hint: `see all that it wrote: tscompose logs ${service}`,
  })
}
