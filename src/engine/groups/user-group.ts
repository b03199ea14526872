import type { Container } from '../state/container.ts'

const PROJECT = 'com.docker.compose.project'

/** Containers of no project. */
export const PLAIN = 'containers'

/** Steps of builds. */
export const BUILDS = 'builds'

/** Those who share a user namespace: a project, and all containers that are of none. */
export function groupOf({ record }: Pick<Container, 'record'>): string {
  const project = record.config.Labels?.[PROJECT]
  return project ? `project:${project}` : PLAIN
}
