import type { Service } from '../../model/index.ts'
import { type SpecInput, unsupported } from './input.ts'

/** Attributes that the Engine API has no place for, or that only Windows knows, and why. */
const NOT_APPLIED: readonly (readonly [keyof Service & string, string])[] = [
  ['credential_spec', 'only Windows containers have one'],
  ['cpu_count', 'only Windows containers have one'],
  ['cpu_percent', 'only Windows containers have one'],
  ['models', 'models are not supported yet'],
  ['use_api_socket', 'it is not supported yet'],
  ['pull_refresh_after', 'images are not fetched anew by their age'],
]

/** Parts of `deploy` that need a cluster. */
const NEEDS_A_CLUSTER = [
  'endpoint_mode',
  'placement',
  'rollback_config',
  'update_config',
  'restart_policy.delay',
  'restart_policy.window',
  'resources.reservations.cpus',
  'resources.reservations.generic_resources',
]

/** Warns of everything that the service asks for in vain. */
export function warnNotApplied({ operation, warn }: SpecInput): void {
  const { service, serviceName } = operation
  for (const [attribute, reason] of NOT_APPLIED)
    if (service[attribute] !== undefined) warn(unsupported(serviceName, attribute, reason))
  for (const attribute of NEEDS_A_CLUSTER)
    if (at(service.deploy, attribute) !== undefined)
      warn(unsupported(serviceName, `deploy.${attribute}`, 'it needs a cluster'))
  const mode = service.deploy?.mode ?? 'replicated'
  if (mode !== 'replicated') warn(unsupported(serviceName, 'deploy.mode', `"${mode}" needs a cluster`))
}

/** What stands at a path of keys, joined by dots. */
function at(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((part, key) => (part instanceof Object ? Reflect.get(part, key) : undefined), value)
}
