import { attributesOf, SERVICE, VOLUME } from '../../model/attributes/index.ts'
import type { JsonObject, JsonValue } from '../core/json-value.ts'
import { HIDDEN, SECRET } from '../core/operation.ts'

/** Variables whose values should not stand in labels, plans and terminals. */
const SECRET_NAME = /pass(word|wd|phrase)?|secret|token|credential|private|api_?key|access_?key|auth/i

/** True for an environment variable that is likely to hold a secret. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name)
}

let open: ReadonlySet<string> | undefined

/**
 * The only attributes whose values stand in a label as they are: names, numbers and switches of the engine, and the user's
 * labels, which the container has anyway. All others may hold a secret, whatever they are called, new ones too.
 */
function openPaths(): ReadonlySet<string> {
  open ??= new Set(
    [SERVICE, VOLUME]
      .flatMap(attributesOf)
      .filter(({ field }) => field.open)
      .map(({ path }) => path.join('.')),
  )
  return open
}

/** A spec without the values that may be secret, and these, as text by path: `environment.A`, `healthcheck.test`. */
export interface MaskedSpec {
  readonly value: JsonObject
  readonly hidden: Readonly<Record<string, string>>
}

/**
 * The spec of a service as it may be stored in a label and hashed for one. Of what may be secret not even a digest may be
 * in a label; `secrets.ts` tells when it has changed.
 */
export function maskSpec(spec: JsonObject): MaskedSpec {
  const hidden: Record<string, string> = {}
  return { value: maskObject(spec, '', hidden), hidden }
}

function maskObject(object: JsonObject, prefix: string, hidden: Record<string, string>): JsonObject {
  const masked = Object.entries(object).map(([key, value]): [string, JsonValue] => {
    const path = `${prefix}${key}`
    if (openPaths().has(path) || value === null) return [key, value]
    if (typeof value === 'object' && !Array.isArray(value))
      return [key, maskObject(value as JsonObject, `${path}.`, hidden)]
    hidden[path] = typeof value === 'string' ? value : JSON.stringify(value)
    return [key, HIDDEN]
  })
  return Object.fromEntries(masked)
}

/** What a label has in place of a variable's value that is the text of the Compose file itself: a plan may show it. */
export const LITERAL = '(literal)'

/** True for a value that stands in place of one that may be secret. */
export function isMasked(value: JsonValue | undefined): boolean {
  return value === HIDDEN || value === SECRET || value === LITERAL
}

/** What a plan shows in place of the value at this path. */
export function markOf(path: string): string {
  const [attribute, ...name] = path.split('.')
  return attribute === 'environment' && isSecretName(name.join('.')) ? SECRET : HIDDEN
}
