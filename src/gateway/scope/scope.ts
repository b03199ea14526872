/** What of an engine is served at a socket. */
export interface Scope {
  /** Compose projects; of all of them where none is named. */
  readonly projects: readonly string[]
  /** Containers cannot be started, stopped, killed, paused. */
  readonly readOnly: boolean
  /** The values of variables, and what else may hold a password, are given. */
  readonly showEnv: boolean
}

/** The label by which Compose says whose something is. */
export const PROJECT = 'com.docker.compose.project'

/** Whether what has these labels belongs to one of the projects. */
export function isOf({ projects }: Scope, labels: Readonly<Record<string, string>> | null): boolean {
  return projects.length === 0 || projects.includes(labels?.[PROJECT] ?? '')
}
