import type { Container } from '../state/container.ts'

/** `Up 3 minutes (healthy)`, `Exited (0) 2 hours ago`: the words of `docker ps`. */
export function statusText(container: Container, now: number = Date.now()): string {
  const { state } = container.record
  const since = (time: string | undefined): string => humanDuration(now - Date.parse(time ?? ''))
  switch (container.status) {
    case 'running': {
      const health = container.health
      const suffix =
        health === undefined
          ? ''
          : health.status === 'starting'
            ? ' (health: starting)'
            : ` (${health.status})`
      return `Up ${since(state.startedAt)}${suffix}`
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
      return `Exited (${state.exitCode}) ${since(state.finishedAt)} ago`
  }
}

/** A duration as Docker says it (go-units `HumanDuration`). */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000))
  const minutes = Math.floor(seconds / 60)
  const hours = Math.round(seconds / 3600)
  if (seconds < 1 || Number.isNaN(seconds)) return 'Less than a second'
  if (seconds === 1) return '1 second'
  if (seconds < 60) return `${seconds} seconds`
  if (minutes === 1) return 'About a minute'
  if (minutes < 60) return `${minutes} minutes`
  if (hours === 1) return 'About an hour'
  if (hours < 48) return `${hours} hours`
  if (hours < 24 * 14) return `${Math.floor(hours / 24)} days`
  if (hours < 24 * 60) return `${Math.floor(hours / 24 / 7)} weeks`
  if (hours < 24 * 365 * 2) return `${Math.floor(hours / 24 / 30)} months`
  return `${Math.floor(hours / 24 / 365)} years`
}
