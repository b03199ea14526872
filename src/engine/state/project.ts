import type { ContainerRecord } from './container-record.ts'

/** The labels by which Compose says which project something is of, and which service. */
export const PROJECT = 'com.docker.compose.project'
export const SERVICE = 'com.docker.compose.service'

/** As much of a container as its labels are in. */
interface Labelled {
  readonly record: Pick<ContainerRecord, 'config'>
}

/** The project that a container says it is of, in its label; undefined for one of none. Any text: labels are the caller's. */
export function projectLabel({ record }: Labelled): string | undefined {
  return record.config.Labels?.[PROJECT] || undefined
}

/** The same where it is a project's name as Compose has them, which is the name of a file, too. */
export function projectOf(container: Labelled): string | undefined {
  const project = projectLabel(container)
  return project !== undefined && isProjectName(project) ? project : undefined
}

/** Whether Compose could have it, and a file could be called so. */
export function isProjectName(text: string): boolean {
  return /^[a-z0-9][a-z0-9_-]{0,199}$/.test(text)
}
