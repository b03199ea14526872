import { createHash } from 'node:crypto'
import type { JsonObject, JsonValue } from '../core/json-value.ts'

/** Variables whose values should not stand in labels, plans and terminals. */
const SECRET_NAME = /pass(word|wd|phrase)?|secret|token|credential|private|api_?key|access_?key|auth/i

const MASK = 'sha256:'

/** True for an environment variable that is likely to hold a secret. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name)
}

/**
 * The spec as it may be stored in a label: likely secrets in `environment` are replaced by a short digest, enough to tell
 * that a value changed. (The values themselves are in the container's own environment; a label is shown far more often.)
 */
export function maskSecrets(spec: JsonObject): JsonObject {
  const environment = spec['environment']
  if (environment === undefined || environment === null || typeof environment !== 'object') return spec
  const masked = Object.entries(environment as JsonObject).map(([name, value]): [string, JsonValue] => [
    name,
    typeof value === 'string' && isSecretName(name) ? digestOf(value) : value,
  ])
  return { ...spec, environment: Object.fromEntries(masked) }
}

/** True for a value that `maskSecrets` put in place of a secret. */
export function isMasked(value: JsonValue | undefined): boolean {
  return typeof value === 'string' && /^sha256:[0-9a-f]{16}$/.test(value)
}

function digestOf(value: string): string {
  return MASK + createHash('sha256').update(value).digest('hex').slice(0, 16)
}
