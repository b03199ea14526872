import schema from '../../../schemas/compose.schema.json' with { type: 'json' }
import type { Path } from '../../model/index.ts'

/** The parts of a JSON Schema that a walk along a path needs. */
interface Part {
  readonly $ref?: string
  readonly description?: string
  readonly properties?: Readonly<Record<string, Part>>
  readonly patternProperties?: Readonly<Record<string, Part>>
  readonly additionalProperties?: boolean | Part
  readonly items?: Part
}

const ROOT = schema as Part & { readonly $defs: Readonly<Record<string, Part>> }

/** The schema of the place that a path leads to, as it is referred to there; undefined where anything goes. */
function partAt(path: Path): Part | undefined {
  let at: Part | undefined = ROOT
  for (const segment of path) at = at && step(resolve(at), segment)
  return at
}

/** What an attribute is for, in a line without a full stop; `*` stands for names of the user's own, a number for any item. */
export function descriptionAt(path: Path): string | undefined {
  const part = partAt(path)
  return part?.description ?? (part && resolve(part).description)
}

/** Names of the attributes that may stand in the map at a path; none where names are the user's own. */
export function attributesAt(path: Path): string[] {
  const part = partAt(path)
  return Object.keys((part && resolve(part).properties) ?? {})
}

/** Where a key that is not known here would be at home: most often its indentation slipped. */
export function whereElse(key: string, path: Path): string | undefined {
  const places: readonly (readonly [Path, string])[] = [
    [[], 'at the top level'],
    [['services', '*'], 'under a service'],
    [['services', '*', 'build'], 'under build'],
    [['services', '*', 'deploy'], 'under deploy'],
    [['services', '*', 'deploy', 'resources'], 'under deploy.resources'],
    [['services', '*', 'deploy', 'resources', 'limits'], 'under deploy.resources.limits'],
    [['services', '*', 'healthcheck'], 'under healthcheck'],
    [['services', '*', 'logging'], 'under logging'],
    [['networks', '*'], 'under a network'],
    [['volumes', '*'], 'under a volume'],
    [['networks', '*', 'ipam'], 'under ipam'],
  ]
  const found = places.find(([place]) => attributesAt(place).includes(key) && !sameShape(place, path))
  return found && `"${key}" belongs ${found[1]}: check its indentation`
}

function sameShape(place: Path, path: Path): boolean {
  return (
    place.length === path.length &&
    place.every((segment, index) => segment === '*' || segment === path[index])
  )
}

function resolve(part: Part): Part {
  const name = part.$ref?.replace('#/$defs/', '')
  return name === undefined ? part : (ROOT.$defs[name] ?? part)
}

function step(part: Part, segment: string | number): Part | undefined {
  if (typeof segment === 'number') return part.items
  const known =
    part.properties && Object.hasOwn(part.properties, segment) ? part.properties[segment] : undefined
  if (known) return known
  for (const [pattern, inner] of Object.entries(part.patternProperties ?? {}))
    if (segment === '*' ? pattern !== '^x-' : new RegExp(pattern).test(segment)) return inner
  return typeof part.additionalProperties === 'object' ? part.additionalProperties : undefined
}
