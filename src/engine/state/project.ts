import type { Container } from './container.ts'

const PROJECT = 'com.docker.compose.project'

/** The project that a container says it is of, in its label; undefined for one of none. Any text: labels are the caller's. */
export function projectLabel({ record }: Pick<Container, 'record'>): string | undefined {
  return record.config.Labels?.[PROJECT] || undefined
}

/** The same where it is a project's name as Compose has them, which is the name of a file, too. */
export function projectOf(container: Pick<Container, 'record'>): string | undefined {
  const project = projectLabel(container)
  return project !== undefined && /^[a-z0-9][a-z0-9_-]{0,199}$/.test(project) ? project : undefined
}
