import type { Facts, Failure } from '../../../diagnostics/index.ts'
import type { RouteName } from '../../routes.ts'
import { statusOfKind } from '../../types/error-body.ts'
import type { Asked } from '../words/words.ts'

/** Docker's status where it is another than that of the error's kind, by endpoint and code. */
const BY_ENDPOINT: Partial<Record<RouteName, Readonly<Record<string, number>>>> = {
  networkRemove: { NETWORK_IN_USE: 403, NETWORK_PREDEFINED: 403 },
  networkCreate: { NETWORK_PREDEFINED: 403 },
  networkConnect: { ADDRESS_IN_USE: 403, ENDPOINT_EXISTS: 403 },
  networkDisconnect: { ENDPOINT_NOT_FOUND: 500 },
  containerStart: { HOST_ADDRESS_UNAVAILABLE: 500 },
  containerStop: { SIGNAL_INVALID: 500 },
  execCreate: { DETACH_KEYS: 500 },
  auth: { REGISTRY_UNREACHABLE: 500 },
}

/** Where Docker calls an archive that it cannot read its own fault. */
const TAKES_TAR: ReadonlySet<RouteName> = new Set(['archivePut', 'imagePull', 'build'])

/** The same by code and facts, wherever it comes. What Go could not read as a number Docker calls its own fault. */
const BY_FACTS: Readonly<Record<string, (facts: Facts, asked: Asked) => number | undefined>> = {
  QUERY_INVALID: ({ rule }, { name }) => (rule === 'json' || name === 'imageSearch' ? undefined : 500),
  REQUEST_INVALID: ({ rule }) => (rule === 'time' ? 500 : undefined),
  MOUNT_INVALID: ({ specification = '', rule }) =>
    specification === '' && rule !== 'mode' ? undefined : 500,
  MEMORY_INVALID: ({ rule }) => (rule === 'above swap' ? 409 : undefined),
  LINK_INVALID: () => 500,
  SECURITY_OPTION_INVALID: () => 500,
  STORAGE_OPTION: () => 500,
  TAR_MALFORMED: (_, { name }) => (TAKES_TAR.has(name) ? 500 : undefined),
  TAR_INVALID: (_, { name }) => (TAKES_TAR.has(name) ? 500 : undefined),
  CONTEXT_UNREADABLE: () => 500,
  NETWORK_DRIVER: ({ driver = '' }) => (['host', 'null'].includes(driver) ? 403 : undefined),
}

/** The status of an error. The Docker CLI takes whatever a create does not find for its image, which it then pulls. */
export function statusOf({ kind, code, diagnostics }: Failure, asked: Asked | undefined): number {
  if (asked === undefined) return statusOfKind(kind)
  const facts = diagnostics[0]?.facts
  const dockers = BY_ENDPOINT[asked.name]?.[code] ?? (facts && BY_FACTS[code]?.(facts, asked))
  if (dockers !== undefined) return dockers
  const isOther = asked.name === 'containerCreate' && kind === 'notFound' && !code.startsWith('IMAGE_')
  return statusOfKind(isOther ? 'invalidArgument' : kind)
}
