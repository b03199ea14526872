import type { Container } from '../state/container.ts'
import { projectLabel } from '../state/project.ts'

/** Containers of no project. */
export const PLAIN = 'containers'

/** Steps of builds. */
export const BUILDS = 'builds'

/** Those who share a user namespace: a project, and all containers that are of none. */
export function groupOf(container: Pick<Container, 'record'>): string {
  const project = projectLabel(container)
  return project !== undefined ? groupOfProject(project) : PLAIN
}

/** The containers of a project. */
export function groupOfProject(project: string): string {
  return `project:${project}`
}
