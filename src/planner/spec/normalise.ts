import {
  type Attribute,
  attributesOf,
  NETWORK,
  SERVICE,
  type Struct,
  VOLUME,
} from '../../model/attributes/index.ts'
import type {
  ComposeModel,
  Config,
  FileReference,
  Network,
  Secret,
  Service,
  Volume,
} from '../../model/index.ts'
import type { JsonObject, JsonValue } from '../core/json-value.ts'
import { canonicalObject, compareText } from './canonical.ts'
import { spelled } from './spellings.ts'

/** What a thing of the file is not made from, and which of its lists are sets, by path with dots. */
interface Rules {
  readonly left: ReadonlySet<string>
  readonly sets: ReadonlySet<string>
}

const known = new Map<Struct, Rules>()

/** Made when they are first asked for: most commands compare nothing. */
function rulesOf(thing: Struct): Rules {
  const rules = known.get(thing) ?? makeRules(thing)
  known.set(thing, rules)
  return rules
}

function makeRules(thing: Struct): Rules {
  const attributes = attributesOf(thing)
  const paths = (of: readonly Attribute[]): ReadonlySet<string> =>
    new Set(of.map(({ path }) => path.join('.')))
  return {
    left: paths(attributes.filter(({ effect }) => effect?.change === 'none')),
    sets: paths(attributes.filter(({ field }) => field.unordered)),
  }
}

/**
 * The part of a service that a container is made from, in one form whatever the file's spelling and order. With the model,
 * configs and secrets of files have the files' paths in it.
 */
export function normaliseService(service: Service, model?: ComposeModel): JsonObject {
  const rules = rulesOf(SERVICE)
  const spec: Record<string, JsonValue> = {}
  for (const [key, value] of Object.entries(canonicalObject(withFiles(service, model)))) {
    if (rules.left.has(key) || isEmpty(value) || isEmptyList(key, value)) continue
    spec[key] = rules.sets.has(key) ? sorted(value) : value
  }
  for (const key of ['deploy', 'x-tscompose']) {
    const own = partsOf(rules, key, spec[key])
    if (own === undefined) delete spec[key]
    else spec[key] = own
  }
  if (spec['networks'] !== undefined) spec['networks'] = normaliseAttachments(rules, spec['networks'])
  return equalised(spec)
}

/** How it is replaced was a part of what it is made from in earlier versions. */
function withoutUpdates(spec: JsonObject): JsonObject {
  const { deploy, ...others } = spec
  if (!isObject(deploy)) return spec
  const { update_config: _update, rollback_config: _rollback, ...kept } = deploy
  return Object.keys(kept).length === 0 ? others : { ...spec, deploy: kept }
}

/** Options of a mount that say nothing where there are none; those of a bind do. */
const MOUNT_OPTIONS = ['volume', 'tmpfs', 'image']

/**
 * A normalised service in which what means the same is the same: one number of a limit is both, a mount has no options that say nothing, and what has several
 * spellings has one. Those of earlier versions are brought to it before they are compared.
 */
export function equalised(spec: JsonObject): JsonObject {
  const { ulimits, volumes } = spec
  return {
    ...spelled(withoutUpdates(spec)),
    ...(isObject(ulimits) ? { ulimits: mapped(ulimits, bothLimits) } : {}),
    ...(Array.isArray(volumes) ? { volumes: (volumes as readonly JsonValue[]).map(withoutOptions) } : {}),
  }
}

function mapped(object: JsonObject, change: (value: JsonValue) => JsonValue): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]))
}

function bothLimits(limit: JsonValue): JsonValue {
  return typeof limit === 'number' ? { hard: limit, soft: limit } : limit
}

function withoutOptions(mount: JsonValue): JsonValue {
  if (!isObject(mount)) return mount
  const said = Object.entries(mount).filter(
    ([key, value]) => !(MOUNT_OPTIONS.includes(key) && isEmpty(value)),
  )
  return Object.fromEntries(said)
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function withFiles(service: Service, model: ComposeModel | undefined): Service {
  const { configs, secrets } = service
  return {
    ...service,
    ...(configs === undefined ? {} : { configs: configs.map(file => withFile(file, model?.configs)) }),
    ...(secrets === undefined ? {} : { secrets: secrets.map(file => withFile(file, model?.secrets)) }),
  }
}

function withFile(
  reference: FileReference,
  definitions: Readonly<Record<string, Secret | Config>> | undefined,
): FileReference & { readonly file?: string } {
  const file = definitions?.[reference.source]?.file
  return file === undefined ? reference : { ...reference, file }
}

/** The part of a network's definition that the engine's network is made from. */
export function normaliseNetwork(network: Network): JsonObject {
  return withoutEmpty(rulesOf(NETWORK), { ...canonicalObject(network), driver: network.driver ?? 'bridge' })
}

/** The part of a volume's definition that the engine's volume is made from. */
export function normaliseVolume(volume: Volume): JsonObject {
  return withoutEmpty(rulesOf(VOLUME), { ...canonicalObject(volume), driver: volume.driver ?? 'local' })
}

/** Null and objects without keys say nothing. */
function isEmpty(value: JsonValue): boolean {
  return (
    value === null || (typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length === 0)
  )
}

/** An empty list says nothing, but in `command` and `entrypoint`, where it clears the image's. */
function isEmptyList(key: string, value: JsonValue): boolean {
  return Array.isArray(value) && value.length === 0 && key !== 'command' && key !== 'entrypoint'
}

function withoutEmpty({ left }: Rules, object: JsonObject): JsonObject {
  const entries = Object.entries(object).filter(([key, value]) => !left.has(key) && !isEmpty(value))
  return canonicalObject(Object.fromEntries(entries))
}

/** What of an attribute with parts a container is made from. */
function partsOf({ left }: Rules, name: string, parts: JsonValue | undefined): JsonObject | undefined {
  if (parts === undefined || parts === null || typeof parts !== 'object' || Array.isArray(parts))
    return undefined
  const rest = Object.entries(parts).filter(([key]) => !left.has(`${name}.${key}`))
  return rest.length === 0 ? undefined : Object.fromEntries(rest)
}

/** An attachment without settings is null in one form and an empty object in another. */
function normaliseAttachments({ sets }: Rules, networks: JsonValue): JsonValue {
  if (networks === null || typeof networks !== 'object' || Array.isArray(networks)) return networks
  const attachments = Object.entries(networks as JsonObject).map(([key, value]): [string, JsonValue] => {
    if (isEmpty(value)) return [key, {}]
    const settings = Object.entries(value as JsonObject).map(([name, setting]): [string, JsonValue] => [
      name,
      sets.has(`networks.*.${name}`) ? sorted(setting) : setting,
    ])
    return [key, Object.fromEntries(settings)]
  })
  return Object.fromEntries(attachments)
}

function sorted(value: JsonValue): JsonValue {
  if (!Array.isArray(value)) return value
  return [...(value as readonly JsonValue[])].sort((a, b) =>
    compareText(JSON.stringify(a), JSON.stringify(b)),
  )
}
