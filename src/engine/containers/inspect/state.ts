import type { ContainerState, OomReport, PlannedContainer } from '../../../api/types/index.ts'
import { renderHealth } from '../../health/state.ts'
import type { Container } from '../../state/container.ts'
import { ZERO_TIME } from '../../words/timestamps.ts'

/** `State` of an inspect. */
export function renderState(container: Container): ContainerState {
  const { state } = container.record
  const status = container.status
  return {
    Status: status,
    // Docker counts a container that waits for its restart as running.
    Running: container.active,
    Paused: container.paused,
    Restarting: status === 'restarting',
    ...renderSleep(container),
    OOMKilled: state.oomKilled,
    ...renderOom(container),
    Dead: false,
    Pid: container.live?.status?.pid ?? 0,
    ExitCode: exitCodeOf(container),
    Error: state.error,
    ...(state.error === '' || state.failure === undefined ? {} : { TscomposeFailure: state.failure }),
    StartedAt: state.startedAt ?? ZERO_TIME,
    FinishedAt: state.finishedAt ?? ZERO_TIME,
    ...(container.health === undefined ? {} : { Health: renderHealth(container.health) }),
  }
}

/** Whether it runs, and how it has ended. */
export function renderExit(container: Container): PlannedContainer['State'] {
  const { status, health } = container
  return {
    Status: status,
    ExitCode: exitCodeOf(container),
    ...(health === undefined ? {} : { Health: { Status: renderHealth(health).Status } }),
  }
}

function exitCodeOf({ running, asleep, record }: Container): number {
  return running || asleep ? 0 : record.state.exitCode
}

/** What is known of a process of the present or last run that was killed for want of memory. */
export function renderOom({ record }: Pick<Container, 'record'>): { readonly TscomposeOom?: OomReport } {
  const { oomKilled, oom } = record.state
  return oomKilled && oom !== undefined ? { TscomposeOom: oom } : {}
}

/** How it sleeps. */
function renderSleep({ asleep, running }: Container): {
  readonly TscomposeAsleep?: 'frozen' | 'stopped'
} {
  return asleep ? { TscomposeAsleep: running ? 'frozen' : 'stopped' } : {}
}
