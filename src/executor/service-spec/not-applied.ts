import { attributesOf, SERVICE } from '../../model/attributes/index.ts'
import { type SpecInput, unsupported } from './input.ts'

/** What has no effect here, by path, and why; in the order of their names. */
const IN_VAIN: readonly (readonly [path: readonly string[], reason: string])[] = attributesOf(SERVICE)
  .flatMap(({ path, field: { effect } }): (readonly [readonly string[], string])[] =>
    effect === undefined || effect === 'parts' || effect.inVain === undefined ? [] : [[path, effect.inVain]],
  )
  .sort(([a], [b]) => (a.join('.') < b.join('.') ? -1 : 1))

/** Warns of everything that the service asks for in vain. */
export function warnNotApplied({ operation, warn }: SpecInput): void {
  const { service, serviceName } = operation
  for (const [path, reason] of IN_VAIN)
    if (at(service, path) !== undefined) warn(unsupported(serviceName, path.join('.'), reason))
  const mode = service.deploy?.mode ?? 'replicated'
  if (mode !== 'replicated') warn(unsupported(serviceName, 'deploy.mode', `"${mode}" needs a cluster`))
}

/** What stands at a path of keys. */
function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (part, key) => (part instanceof Object ? Reflect.get(part, key) : undefined),
    value,
  )
}
