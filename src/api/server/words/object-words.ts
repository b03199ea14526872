import type { Facts } from '../../../diagnostics/index.ts'
import { byRule, type WordTable } from './words.ts'

const VOLUME_NAME =
  'includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. ' +
  'If you intended to pass a host directory, use absolute path'

const NO_SWARM =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.'

/** What is wrong with a filter's value, by the kind of filter. */
const FILTERS: Readonly<Record<string, (facts: Facts) => string>> = {
  time: ({ value }) => `failed to parse value as time or duration: "${value}"`,
  switch: ({ filter, value }) => `invalid filter '${filter}=[${value}]'`,
  choice: ({ filter, value, choices }) =>
    `invalid filter '${filter}=${value}': invalid value for ${filter === 'status' ? 'state' : filter} (${value}): must be one of ${choices}`,
  number: ({ filter, value }) =>
    `invalid filter '${filter}=${value}': strconv.Atoi: parsing "${value}": invalid syntax`,
  port: ({ filter, value }) =>
    `error while looking up for ${filter} ${value}: strconv.ParseUint: parsing "${value}": invalid syntax`,
  'network type': ({ filter, value }) => `invalid filter: '${filter}'='${value}'`,
  'network switch': ({ filter }) =>
    `invalid value for filter '${filter}', must be "true" (or "1"), or "false" (or "0")`,
}

/** Mounts, volumes, networks, images, and what lists are asked for. */
export const OBJECT_WORDS: WordTable = {
  NAME_INVALID: ({ noun, name = '' }, asked) => {
    if (noun === 'container') {
      const shown = asked?.name === 'containerRename' ? `/${name}` : name
      return `Invalid container name (${shown}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`
    }
    if (noun !== 'volume') return undefined
    return name.length === 1
      ? `create ${name}: volume name is too short, names should be at least two alphanumeric characters`
      : `create ${name}: "${name}" ${VOLUME_NAME}`
  },
  MOUNT_INVALID: byRule({
    mode: ({ mode }) => `invalid mode: ${mode}`,
    form: ({ specification }) => `invalid volume specification: '${specification}'`,
    target: ({ target, type, specification }) =>
      inSpecification(
        specification,
        ofType(type, `invalid mount path: '${target}' mount path must be absolute`),
      ),
    root: ({ type, specification }) =>
      inSpecification(specification, ofType(type, "invalid specification: destination can't be '/'")),
    type: ({ type }) => `invalid mount config for type "${type}": mount type unknown`,
    source: ({ source }) =>
      source === ''
        ? 'invalid mount config for type "bind": field Source must not be empty'
        : `invalid mount config for type "bind": invalid mount path: '${source}' mount path must be absolute`,
    nocopy: ({ specification }) =>
      inSpecification(
        specification,
        'invalid mount config for type "bind": field VolumeOptions must not be specified',
      ),
    subpath: ({ type }) =>
      `invalid mount config for type "${type}": subpath must be a relative path within the volume`,
    propagation: ({ propagation }) =>
      `invalid mount config for type "bind": invalid propagation mode: ${propagation}`,
    'no source': () => 'volumes-from specification cannot be an empty string',
    'tmpfs source': () => 'invalid mount config for type "tmpfs": field Source must not be specified',
  }),
  MOUNT_DUPLICATE: ({ target }) => `Duplicate mount point: ${target}`,
  TMPFS_OPTION_INVALID: ({ option }) => `invalid tmpfs option "${option}"`,
  BIND_SOURCE_MISSING: ({ source }) =>
    `invalid mount config for type "bind": bind source path does not exist: ${source}`,
  VOLUME_DRIVER: ({ driver, name }) => {
    const lost = `error looking up volume plugin ${driver}: plugin "${driver}" not found`
    return name === undefined || name === '' ? lost : `create ${name}: ${lost}`
  },
  VOLUME_OPTIONS: byRule({
    unknown: ({ name, option }) => `create ${name}: invalid option: "${option}"`,
    missing: ({ name, option }) => `create ${name}: missing required option: "${option}"`,
  }),
  VOLUME_MOUNT: ({ folder, device, options, errno }) =>
    `error while mounting volume '${folder}': failed to mount local volume: mount ${device}:${folder}${options}: ${errno}`,
  VOLUME_ADDRESS: ({ folder, host }) =>
    `error while mounting volume '${folder}': error resolving passed in network volume address: lookup ${host}: no such host`,
  IPAM_DRIVER: ({ driver }) => `plugin "${driver}" not found`,
  NETWORK_DRIVER: ({ driver = '' }) => {
    if (['host', 'null'].includes(driver)) return `only one instance of "${driver}" network is allowed`
    return driver === 'overlay' ? NO_SWARM : `plugin "${driver}" not found`
  },
  NETWORK_PREDEFINED: ({ network }) => `operation is not permitted on predefined ${network} network `,
  NETWORK_IN_USE: ({ network, users }) =>
    users === ''
      ? undefined
      : `error while removing network: network ${network} has active endpoints (${users})`,
  ENDPOINT_EXISTS: ({ network, name }) => `endpoint with name ${name} already exists in network ${network}`,
  IPAM_INVALID: byRule({
    form: ({ what, text }) => `invalid network config:\ninvalid ${what} ${text}: invalid CIDR block notation`,
    'host bits': ({ what, text, want }) =>
      `invalid network config:\ninvalid ${what} ${text}: it should be ${want}`,
    outside: ({ what, text, subnet }) =>
      `invalid network config:\ninvalid ${what} ${text}: parent subnet ${subnet} doesn't contain this address`,
  }),
  ADDRESS_SUBNET_CHOSEN: ({ network }, asked) =>
    `${asked?.name === 'networkConnect' ? '' : `invalid config for network ${network}: `}invalid endpoint settings:
user specified IP address is supported only when connecting to networks with user configured subnets`,
  ADDRESS_OUTSIDE_SUBNET: ({ address }, asked) =>
    asked?.name === 'networkConnect' ? `invalid endpoint settings:\n${inNoSubnet(address)}` : undefined,
  ADDRESS_INVALID: ({ address, what }, asked) =>
    asked?.name === 'networkConnect' && what === 'IPv4'
      ? `invalid endpoint settings:\n* invalid IPv4 address: ${address}\n* ${inNoSubnet(address)}`
      : undefined,
  ADDRESS_IN_USE: () => 'Address already in use',
  IPAM_OVERLAP: () => 'invalid pool request: Pool overlaps with other one on this address space',
  REFERENCE_INVALID: ({ rule, name }) =>
    rule === 'case'
      ? `invalid reference format: repository name (${name}) must be lowercase`
      : 'invalid reference format',
  TAR_MALFORMED: ({ what = '' }) =>
    /ends within|is damaged/.test(what) ? 'unexpected EOF' : 'archive/tar: invalid tar header',
  TAR_INVALID: ({ climbs }) => (climbs === undefined ? undefined : `invalid entry name "${climbs}"`),
  CONTEXT_UNREADABLE: ({ what, climbs }, asked, diagnostic) =>
    what === undefined && climbs === undefined
      ? undefined
      : OBJECT_WORDS[climbs === undefined ? 'TAR_MALFORMED' : 'TAR_INVALID']?.(
          diagnostic.facts ?? {},
          asked,
          diagnostic,
        ),
  IMAGE_PLATFORM: ({ reference, own, platform }) =>
    `image with reference ${reference} was found but its platform (${own}) does not match the specified platform (${platform})`,
  PORT_IN_USE: ({ address, port, endpoint, endpointId }) => {
    if (address === undefined) return undefined
    return `${onEndpoint(endpoint, endpointId)}Bind for ${address}:${port} failed: port is already allocated`
  },
  HOST_ADDRESS_UNAVAILABLE: ({ address, port, target, endpoint, endpointId, endpointAddress }) =>
    endpoint === undefined || address?.includes(':')
      ? undefined
      : `${onEndpoint(endpoint, endpointId)}failed to bind host port for ${address}:${port}:${endpointAddress}:${target}: cannot assign requested address`,
  FILTER_INVALID: (facts, asked) => {
    const wrong = FILTERS[facts['rule'] ?? '']?.(facts) ?? `invalid filter '${facts['filter']}'`
    if (asked?.name !== 'buildPrune') return wrong
    const until =
      facts['rule'] === 'time' ? '"until" filter expects a duration (e.g., \'24h\') or a timestamp: ' : ''
    return `failed to prune build cache: ${until}${wrong}`
  },
}

function onEndpoint(endpoint: string | undefined, id: string | undefined): string {
  return endpoint === undefined
    ? ''
    : `driver failed programming external connectivity on endpoint ${endpoint} (${id}): `
}

function inNoSubnet(address: string | undefined): string {
  return `no configured subnet or ip-range contain the IP address ${address}`
}

/** What is wrong with a mount that says its type. */
function ofType(type: string | undefined, words: string): string {
  return type ? `invalid mount config for type "${type}": ${words}` : words
}

function inSpecification(specification: string | undefined, words: string): string {
  return specification ? `invalid volume specification: '${specification}': ${words}` : words
}
