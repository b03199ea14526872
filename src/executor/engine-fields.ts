import { attributesOf, SERVICE } from '../model/attributes/index.ts'
import type { Service } from '../model/index.ts'

/** Where a service says something: the keys below it. */
type Place = readonly string[]

/** Fields that a service does not set itself, and that exclude or complete what it says; and those that only an engine's refusal is about. */
const BESIDE: readonly (readonly [field: string, place: Place])[] = [
  ['HostConfig.Isolation', ['isolation']],
  ['HostConfig.AutoRemove', ['restart']],
  ['HostConfig.CpusetMems', ['cpuset']],
]

/**
 * Where a service says what a field of the engine's create request holds, by the field's name as the engine's refusals have
 * it: what the service says itself before what a part of `deploy` does.
 */
export function placesByField(): ReadonlyMap<string, readonly Place[]> {
  const places = new Map<string, Place[]>()
  const own = attributesOf(SERVICE).flatMap(({ path, field: { effect } }) =>
    effect === undefined || effect === 'parts' || path.includes('*')
      ? []
      : effect.sets.map(field => [field, path] as const),
  )
  for (const [field, place] of [...own, ...BESIDE]) places.set(field, [...(places.get(field) ?? []), place])
  for (const found of places.values()) found.sort((a, b) => a.length - b.length)
  return places
}

/** The places in the service that a refused field may be about; none for what no attribute says by itself. */
export function placesOfField(service: Service, field = ''): readonly Place[] {
  // A field may end with a key, as `HostConfig.Ulimits.nofile`.
  const known = placesByField()
  const places = known.get(field) ?? known.get(field.split('.').slice(0, 2).join('.')) ?? []
  return places.filter(([attribute = '']) => Reflect.get(service, attribute) !== undefined)
}
