import { approximateDuration } from '../../notation/index.ts'
import type { Container } from '../state/container.ts'

/** `Up 3 minutes (healthy)`, `Exited (0) 2 hours ago`: the words of `docker ps`. */
export function statusText(container: Container, now: number = Date.now()): string {
  const { state } = container.record
  const since = (time: string | undefined): string => approximateDuration(now - Date.parse(time ?? ''))
  switch (container.status) {
    case 'running': {
      return `Up ${since(state.startedAt)}${suffixOf(container)}`
    }
    case 'paused':
      return `Up ${since(state.startedAt)} (Paused)`
    case 'restarting':
      return `Restarting (${state.exitCode}) ${since(state.finishedAt)} ago`
    case 'removing':
      return 'Removal In Progress'
    case 'created':
      return 'Created'
    case 'dead':
      return 'Dead'
    case 'exited':
      return `Exited (${state.exitCode}) ${since(state.finishedAt)} ago${state.oomKilled ? ' (out of memory)' : ''}`
  }
}

/** Nobody knows the health of one that sleeps. */
function suffixOf({ asleep, health }: Container): string {
  if (asleep) return ' (asleep)'
  if (health === undefined) return ''
  return health.status === 'starting' ? ' (health: starting)' : ` (${health.status})`
}
