import type { Path, Project, Service } from '../../model/index.ts'
import type { JsonObject, JsonValue } from '../core/json-value.ts'
import { type Change, HIDDEN } from '../core/operation.ts'
import { isSecretName, LITERAL } from './mask.ts'
import type { StoredSpec } from './stored.ts'

/** The service whose variables a plan may show. */
export interface RevealedService {
  readonly project: Project
  readonly serviceName: string
  readonly service: Service
}

/** Switches, levels and small numbers: nobody's secret. */
const PLAIN = /^(?:|true|false|yes|no|on|off|none|null|trace|debug|info|warn|warning|error|[0-9]{1,3})$/i

/** `postgres://user:password@host`. */
const USER_IN_URL = /:\/\/[^/\s]*@/

/** What a container has of its variables: their values, and its stored spec, which knows what was literal. */
export interface Revealing {
  readonly environment: Readonly<Record<string, string>>
  readonly spec?: StoredSpec
}

/**
 * The change of a variable with those of its values that can be no secret: a switch, or the text of the Compose file
 * itself, into which no variable went. The old value is the container's own; its label does not have it.
 */
export function revealChange(change: Change, old: Revealing, wanted: RevealedService): Change {
  const name = /^environment\.(.*)$/s.exec(change.path)?.[1]
  if (name === undefined) return change
  const stored = old.spec?.value['environment']
  const wasLiteral = isObject(stored) && stored[name] === LITERAL
  const { [name]: value = null } = wanted.service.environment ?? {}
  const from = change.from === HIDDEN ? revealed(old.environment[name], wasLiteral) : change.from
  const to = change.to === HIDDEN ? revealed(textOf(value), isLiteral(wanted, name)) : change.to
  return { ...change, from, to }
}

/** Names of the variables whose values are the text of the Compose file itself. */
export function literalNames(wanted: RevealedService): string[] {
  return Object.keys(wanted.service.environment ?? {}).filter(
    name => !isSecretName(name) && isLiteral(wanted, name),
  )
}

function revealed(value: string | undefined, isLiteralText: boolean): string {
  if (value === undefined) return HIDDEN
  return PLAIN.test(value) || (isLiteralText && !USER_IN_URL.test(value)) ? JSON.stringify(value) : HIDDEN
}

/** An env_file and a variable that is handed through are no text of the Compose file; a default in it is. */
function isLiteral({ project, serviceName }: RevealedService, name: string): boolean {
  const path: Path = ['services', serviceName, 'environment', name]
  const origin = project.origins.of(path)
  return (
    origin !== undefined &&
    origin.rule === undefined &&
    origin.variables.every(({ used }) => used === 'default' || used === 'alternate')
  )
}

function textOf(value: string | number | boolean | null): string | undefined {
  return value === null ? undefined : String(value)
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
