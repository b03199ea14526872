import type { ContainerSummary } from '../../api/types/index.ts'
import { logName, nameOf, serviceOf } from '../containers.ts'

/** A container whose log is read. */
export interface LoggedContainer {
  readonly id: string
  readonly name: string
  /** Without the project's name in front: `web-1`. */
  readonly shortName: string
  readonly service: string
}

/** Which containers of a project are meant. */
export interface LoggedSelection {
  /** Empty: all. */
  readonly services?: readonly string[]
  /** Those with this number alone. */
  readonly index?: number
}

const LABEL = 'com.docker.compose'

/** Whether a container with these labels is one of those; one-offs and containers of hooks never are. */
export function isLogged(
  labels: Readonly<Record<string, string>>,
  { services = [], index }: LoggedSelection,
): boolean {
  if (labels[`${LABEL}.oneoff`] === 'True' || labels[`${LABEL}.config-hash`] === undefined) return false
  if (services.length > 0 && !services.includes(labels[`${LABEL}.service`] ?? '')) return false
  return index === undefined || Number(labels[`${LABEL}.container-number`] ?? 0) === index
}

/** A container of a list. */
export function loggedContainer(container: ContainerSummary, project: string): LoggedContainer {
  const name = nameOf(container)
  return { id: container.Id, name, shortName: logName(name, project), service: serviceOf(container) }
}
