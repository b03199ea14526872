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

/**
 * What does not touch a container: other parts of the tool act on it, so a change must not recreate anything. The first
 * six are Docker Compose's list; the others are read afresh by each command (`attach`, `pre_stop`, `develop`) or have
 * been folded into other attributes by the loader (`env_file`, `label_file`, `extends`).
 */
const NOT_OF_THE_CONTAINER: readonly string[] = [
  'build',
  'depends_on',
  'profiles',
  'pull_policy',
  'scale',
  'attach',
  'develop',
  'env_file',
  'extends',
  'label_file',
  'pre_stop',
  'pull_refresh_after',
]

/** Lists that are sets: their order means nothing to the engine. */
const SETS: readonly string[] = [
  'cap_add',
  'cap_drop',
  'configs',
  'device_cgroup_rules',
  'devices',
  'expose',
  'external_links',
  'extra_hosts',
  'group_add',
  'links',
  'ports',
  'secrets',
  'security_opt',
  'tmpfs',
  'volumes',
]

/**
 * The part of a service that a container is made from, in one form whatever the file's spelling and order. With the model,
 * configs and secrets of files have the files' paths in it.
 */
export function normaliseService(service: Service, model?: ComposeModel): JsonObject {
  const spec: Record<string, JsonValue> = {}
  for (const [key, value] of Object.entries(canonicalObject(withFiles(service, model)))) {
    if (NOT_OF_THE_CONTAINER.includes(key) || isEmpty(value) || isEmptyList(key, value)) continue
    spec[key] = SETS.includes(key) ? sorted(value) : value
  }
  const deploy = normaliseDeploy(spec['deploy'])
  if (deploy === undefined) delete spec['deploy']
  else spec['deploy'] = deploy
  if (spec['networks'] !== undefined) spec['networks'] = normaliseAttachments(spec['networks'])
  return spec
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
  const { name: _name, external: _external, ...rest } = network
  return withoutEmpty({ ...canonicalObject(rest), driver: network.driver ?? 'bridge' })
}

/** The part of a volume's definition that the engine's volume is made from. */
export function normaliseVolume(volume: Volume): JsonObject {
  const { name: _name, external: _external, ...rest } = volume
  return withoutEmpty({ ...canonicalObject(rest), driver: volume.driver ?? 'local' })
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

function withoutEmpty(object: JsonObject): JsonObject {
  return canonicalObject(Object.fromEntries(Object.entries(object).filter(([, value]) => !isEmpty(value))))
}

function normaliseDeploy(deploy: JsonValue | undefined): JsonObject | undefined {
  if (deploy === undefined || deploy === null || typeof deploy !== 'object' || Array.isArray(deploy))
    return undefined
  const { replicas: _replicas, ...rest } = deploy as JsonObject
  return Object.keys(rest).length === 0 ? undefined : rest
}

/** An attachment without settings is null in one form and an empty object in another; aliases are a set. */
function normaliseAttachments(networks: JsonValue): JsonValue {
  if (networks === null || typeof networks !== 'object' || Array.isArray(networks)) return networks
  const attachments = Object.entries(networks as JsonObject).map(([key, value]): [string, JsonValue] => {
    if (isEmpty(value)) return [key, {}]
    const attachment = value as JsonObject
    const aliases = attachment['aliases']
    return [key, aliases === undefined ? attachment : { ...attachment, aliases: sorted(aliases) }]
  })
  return Object.fromEntries(attachments)
}

function sorted(value: JsonValue): JsonValue {
  if (!Array.isArray(value)) return value
  return [...(value as readonly JsonValue[])].sort((a, b) =>
    compareText(JSON.stringify(a), JSON.stringify(b)),
  )
}
