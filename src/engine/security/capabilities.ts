import { failure } from '../../diagnostics/index.ts'

/**
 * Linux capability names in the order of their bits (`include/uapi/linux/capability.h`); the index is the bit.
 */
const CAPABILITY_NAMES: readonly string[] = [
  'CHOWN',
  'DAC_OVERRIDE',
  'DAC_READ_SEARCH',
  'FOWNER',
  'FSETID',
  'KILL',
  'SETGID',
  'SETUID',
  'SETPCAP',
  'LINUX_IMMUTABLE',
  'NET_BIND_SERVICE',
  'NET_BROADCAST',
  'NET_ADMIN',
  'NET_RAW',
  'IPC_LOCK',
  'IPC_OWNER',
  'SYS_MODULE',
  'SYS_RAWIO',
  'SYS_CHROOT',
  'SYS_PTRACE',
  'SYS_PACCT',
  'SYS_ADMIN',
  'SYS_BOOT',
  'SYS_NICE',
  'SYS_RESOURCE',
  'SYS_TIME',
  'SYS_TTY_CONFIG',
  'MKNOD',
  'LEASE',
  'AUDIT_WRITE',
  'AUDIT_CONTROL',
  'SETFCAP',
  'MAC_OVERRIDE',
  'MAC_ADMIN',
  'SYSLOG',
  'WAKE_ALARM',
  'BLOCK_SUSPEND',
  'AUDIT_READ',
  'PERFMON',
  'BPF',
  'CHECKPOINT_RESTORE',
]

/** Every capability that this table knows. */
export const ALL_CAPABILITIES: bigint = (1n << BigInt(CAPABILITY_NAMES.length)) - 1n

/** Docker's default set, 0xa80425fb. */
export const DEFAULT_CAPABILITIES: bigint = bitsOf([
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'SETGID',
  'SETUID',
  'SETPCAP',
  'NET_BIND_SERVICE',
  'NET_RAW',
  'SYS_CHROOT',
  'MKNOD',
  'AUDIT_WRITE',
  'SETFCAP',
])

/** Bit of one capability by its name, with or without `CAP_`, in any case. Fails with `CAPABILITY_UNKNOWN`. */
export function capabilityBit(name: string): bigint {
  const plain = name.trim().toUpperCase().replace(/^CAP_/, '')
  const index = CAPABILITY_NAMES.indexOf(plain)
  if (index < 0) {
    throw failure({
      code: 'CAPABILITY_UNKNOWN',
      kind: 'invalidArgument',
      summary: `unknown capability ${JSON.stringify(name)}`,
      facts: { capability: name },
      hint: 'capabilities are named as in capabilities(7), for example NET_ADMIN, or ALL',
    })
  }
  return 1n << BigInt(index)
}

/** The capabilities of a set of bits, without `CAP_`, in the order of their bits. */
export function namesOf(bits: bigint): string[] {
  return CAPABILITY_NAMES.filter((_, index) => (bits >> BigInt(index)) & 1n)
}

/** What `cap_add`, `cap_drop` and `privileged` ask for. */
export interface CapabilityRequest {
  readonly privileged?: boolean
  readonly capAdd?: readonly string[]
  readonly capDrop?: readonly string[]
}

/**
 * The bounding set that follows from the request, by Docker's rules: `ALL` in `cap_add` starts from everything,
 * `ALL` in `cap_drop` from nothing, the names of the other list are applied on top, and a drop wins over an add.
 * `available` are the bits that this kernel knows and the engine holds: nobody can hand out more.
 */
export function resolveCapabilities(
  request: CapabilityRequest,
  available: bigint = ALL_CAPABILITIES,
): bigint {
  if (request.privileged) return available
  const add = request.capAdd ?? []
  const drop = request.capDrop ?? []
  const dropped = bitsOf(drop.filter(name => !isAll(name)))
  const added = bitsOf(add.filter(name => !isAll(name)))
  const base = add.some(isAll) ? ALL_CAPABILITIES : drop.some(isAll) ? 0n : DEFAULT_CAPABILITIES
  return (base | added) & ~dropped & available
}

function isAll(name: string): boolean {
  return name.trim().toUpperCase() === 'ALL'
}

function bitsOf(names: readonly string[]): bigint {
  return names.reduce((bits, name) => bits | capabilityBit(name), 0n)
}
