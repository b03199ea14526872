import type { ContainerSummary } from '../api/types/index.ts'
import type { Docker } from '../client/index.ts'
import { type Failure, failure } from '../diagnostics/index.ts'

const LABEL = 'com.docker.compose'

/** Containers of a project by label; `all` includes those that do not run. Those without a config hash are not ours. */
export async function listProjectContainers(
  docker: Docker,
  project: string,
  all: boolean,
  service?: string,
): Promise<readonly ContainerSummary[]> {
  const label = [`${LABEL}.project=${project}`]
  if (service !== undefined) label.push(`${LABEL}.service=${service}`)
  const found = await docker.listContainers({ all, filters: { label } })
  return found.filter(isOfCompose).sort((a, b) => compareNames(nameOf(a), nameOf(b)))
}

/** What the container of a service with this number has, the first one without; nobody else has all of that. */
export function serviceContainerLabels(replica: {
  readonly project: string
  readonly service: string
  readonly index: number | undefined
}): string[] {
  const { project, service, index = 1 } = replica
  const values = { project, service, oneoff: 'False', 'container-number': index }
  return [
    ...Object.entries(values).map(([name, value]) => `${LABEL}.${name}=${value}`),
    `${LABEL}.config-hash`,
  ]
}

/**
 * Orders names of containers, `web-2` before `web-10`. By hand: the comparison of the language would load the tables of all
 * languages, which takes longer than the rest of a command.
 */
export function compareNames(a: string, b: string): number {
  const [left, right] = [partsOf(a), partsOf(b)]
  for (let index = 0; index < Math.min(left.length, right.length); index += 1) {
    const [one = '', other = ''] = [left[index], right[index]]
    const difference = isNumber(one) && isNumber(other) ? Number(one) - Number(other) : 0
    if (difference !== 0) return difference
    if (one !== other) return one < other ? -1 : 1
  }
  return left.length - right.length
}

const partsOf = (name: string): string[] => name.match(/\d+|\D+/g) ?? []
const isNumber = (part: string): boolean => /^\d/.test(part)

/** Its own, among what others call it by links: `/web/db`. */
export const nameOf = ({ Names, Id }: ContainerSummary): string =>
  (Names.find(name => !name.slice(1).includes('/')) ?? Id).replace(/^\//, '')
export const serviceOf = (container: ContainerSummary): string => container.Labels[`${LABEL}.service`] ?? ''
export const numberOf = (container: ContainerSummary): number =>
  Number(container.Labels[`${LABEL}.container-number`] ?? 0)
export const projectOf = (container: ContainerSummary): string => container.Labels[`${LABEL}.project`] ?? ''
/** Containers that somebody else has given a project's label have no hash. */
export const isOfCompose = (container: ContainerSummary): boolean =>
  container.Labels[`${LABEL}.config-hash`] !== undefined
/** Paths of the files that it was made from. */
export const configFilesOf = (container: ContainerSummary): readonly string[] =>
  (container.Labels[`${LABEL}.project.config_files`] ?? '').split(',').filter(file => file !== '')
export const isOneOff = (container: ContainerSummary): boolean =>
  container.Labels[`${LABEL}.oneoff`] === 'True'

/** Fails when a service that was named is not in the project. Errors: NO_SUCH_SERVICE. */
export function checkServices(known: readonly string[], named: readonly string[]): void {
  for (const service of named) if (!known.includes(service)) throw noSuchService(known, service)
}

/** The Failure for a service that the project does not have. */
export function noSuchService(known: readonly string[], service: string): Failure {
  return failure({
    code: 'NO_SUCH_SERVICE',
    kind: 'notFound',
    summary: `no such service: ${service}`,
    hint: `services: ${[...known].sort().join(', ') || 'none'}`,
  })
}

/** The name in front of a line: the container's, without the project's in front. */
export function logName(containerName: string, project: string): string {
  const bare = containerName.replace(/^\//, '')
  return bare.startsWith(`${project}-`) ? bare.slice(project.length + 1) : bare
}
