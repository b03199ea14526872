import type { JsonObject, JsonValue } from '../core/json-value.ts'
import { SECRET } from '../core/operation.ts'

/** Variables whose values should not stand in labels, plans and terminals. */
const SECRET_NAME = /pass(word|wd|phrase)?|secret|token|credential|private|api_?key|access_?key|auth/i

/** True for an environment variable that is likely to hold a secret. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name)
}

/**
 * The spec as it may be stored in a label and hashed for one: without the values of likely secrets in `environment`, of
 * which not even a digest may be in a label. `secrets.ts` tells when one has changed.
 */
export function maskSecrets(spec: JsonObject): JsonObject {
  const environment = spec['environment']
  if (environment === undefined || environment === null || typeof environment !== 'object') return spec
  const masked = Object.entries(environment as JsonObject).map(([name, value]): [string, JsonValue] => [
    name,
    typeof value === 'string' && isSecretName(name) ? SECRET : value,
  ])
  return { ...spec, environment: Object.fromEntries(masked) }
}

/** True for a value that `maskSecrets` put in place of a secret. */
export function isMasked(value: JsonValue | undefined): boolean {
  return value === SECRET
}
