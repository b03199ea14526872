import type { Origin, Path, Project } from '../../../model/index.ts'
import type { Target } from './target.ts'

/** A value with its origin; undefined only where the loader has lost it. */
export interface ExplainedValue {
  readonly path: Path
  readonly value: unknown
  readonly origin: Origin | undefined
}

/** Whether a service is wanted now, and by which of its profiles. */
export interface ServiceState {
  readonly name: string
  readonly enabled: boolean
  readonly profiles: readonly string[]
  /** Those of its profiles that are active. */
  readonly active: readonly string[]
}

/** What `explain` shows, as data. */
export interface Explanation {
  readonly path: Path
  /** Absent for other parts of the model. */
  readonly service?: ServiceState
  readonly values: readonly ExplainedValue[]
}

/** Works the origins of a value and of all below it out. */
export function explainTarget({ path, value }: Target, project: Project): Explanation {
  const state = serviceState(path, project)
  const values = leavesOf(value, path).map(leaf => ({ ...leaf, origin: project.origins.of(leaf.path) }))
  return { path, ...(state ? { service: state } : {}), values }
}

/** Commands are replaced whole, so their words are one value. */
const WORDS = ['command', 'entrypoint', 'test']

/** The single values of a model, in its order. */
export function leavesOf(value: unknown, path: Path): { readonly path: Path; readonly value: unknown }[] {
  if (typeof value !== 'object' || value === null) return [{ path, value }]
  const isWords = Array.isArray(value) && WORDS.includes(String(path.at(-1)))
  if (isWords || Object.keys(value).length === 0) return [{ path, value }]
  if (Array.isArray(value)) return value.flatMap((item, index) => leavesOf(item, [...path, index]))
  return Object.entries(value).flatMap(([key, item]) => leavesOf(item, [...path, key]))
}

function serviceState([section, name]: Path, project: Project): ServiceState | undefined {
  if (section !== 'services' || typeof name !== 'string') return undefined
  const enabled = Object.hasOwn(project.model.services, name)
  const service = enabled ? project.model.services[name] : project.disabledServices[name]
  const profiles = service?.profiles ?? []
  const isActive = (profile: string): boolean =>
    project.profiles.includes('*') || project.profiles.includes(profile)
  return { name, enabled, profiles, active: profiles.filter(isActive) }
}
