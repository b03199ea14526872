import { child, type Entry, scalar, textOf, withKey } from '../tree/node.ts'

/** Gives the services that name no platform the one of DOCKER_DEFAULT_PLATFORM. */
export function withPlatform(
  services: ReadonlyMap<string, Entry>,
  platform: string,
): ReadonlyMap<string, Entry> {
  const entries = [...services].map(([name, entry]): readonly [string, Entry] => {
    const { node } = entry
    if (node.kind !== 'map' || textOf(child(node, 'platform'))) return [name, entry]
    return [name, { ...entry, node: withKey(node, 'platform', scalar(platform)) }]
  })
  return new Map(entries)
}
