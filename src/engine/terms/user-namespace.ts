import { namesOf, resolveCapabilities, USERNS_IDS } from '../security/index.ts'
import type { ContainerTerms } from './index.ts'

/**
 * Capabilities that the kernel wants in its first user namespace: in another one they are held and give nothing. Those that
 * are not here (NET_ADMIN, SYS_PTRACE, DAC_READ_SEARCH …) work on what belongs to the namespace.
 */
const NEED_THE_HOST = new Set([
  'SYS_ADMIN',
  'SYS_MODULE',
  'SYS_RAWIO',
  'SYS_TIME',
  'SYS_NICE',
  'SYS_RESOURCE',
  'SYS_PACCT',
  'SYS_TTY_CONFIG',
  'SYSLOG',
  'IPC_LOCK',
  'LEASE',
  'LINUX_IMMUTABLE',
  'MAC_ADMIN',
  'MAC_OVERRIDE',
  'AUDIT_CONTROL',
  'AUDIT_READ',
  'WAKE_ALARM',
  'BLOCK_SUSPEND',
  'PERFMON',
  'BPF',
  'CHECKPOINT_RESTORE',
])

/** What of a container's terms is asked. */
export type MappedTerms = Pick<ContainerTerms, 'security' | 'namespaces' | 'network' | 'devices'>

/**
 * Why a container with these terms must be in the host's user namespace, in words that follow "because"; undefined where it
 * need not be. `userns_mode: host` is a wish, not a reason.
 */
export function needsHostIds(terms: MappedTerms): string | undefined {
  const { security, namespaces, network, devices } = terms
  if (security.privileged) return 'it is privileged'
  const shared = (['pid', 'ipc', 'cgroup'] as const).find(each => namespaces[each].kind === 'host')
  if (shared !== undefined) return `it is in the host's ${shared} namespace`
  if (network.mode.kind === 'host') return "it is in the host's network"
  const capability = hostCapability(terms)
  if (capability !== undefined) return `the capability ${capability} counts on the host alone`
  const outside = devices.mappings?.find(({ target }) => !target.startsWith('/dev/'))
  if (outside !== undefined) return `its device ${outside.target} is not in /dev`
  if ((devices.rules ?? []).length > 0) return 'its device rules are for nodes that it makes itself'
  return undefined
}

/** The same of its user's numbers. */
export function hasHighIds(ids: readonly number[]): string | undefined {
  const high = ids.find(id => id >= USERNS_IDS)
  return high === undefined ? undefined : `the id ${high} is above ${USERNS_IDS - 1}`
}

function hostCapability({ security }: MappedTerms): string | undefined {
  const granted = namesOf(resolveCapabilities(security))
  // Docker gives it to all; in a user namespace nobody makes device nodes. Who asks for it by name wants to.
  const named = (security.capAdd ?? []).some(name => /^(cap_)?mknod$/i.test(name.trim()))
  return granted.find(name => NEED_THE_HOST.has(name)) ?? (named ? 'MKNOD' : undefined)
}
