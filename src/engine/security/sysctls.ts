import { failure } from '../../diagnostics/index.ts'

/** Namespaces of a container that a sysctl may belong to. */
export type SysctlNamespace = 'net' | 'ipc' | 'uts'

const IPC_SYSCTLS = new Set([
  'kernel.msgmax',
  'kernel.msgmnb',
  'kernel.msgmni',
  'kernel.sem',
  'kernel.shmall',
  'kernel.shmmax',
  'kernel.shmmni',
  'kernel.shm_rmid_forced',
])

/**
 * Segments of letters and digits; a slash, which stands for a dot, only between them: two of them would be the "..", and
 * `net/../kernel/core_pattern` a sysctl of the host.
 */
const WELL_FORMED = /^[a-zA-Z0-9_:@-]+(\.[a-zA-Z0-9_:@-]+(\/[a-zA-Z0-9_:@-]+)*)+$/

/** A sysctl with its name in dots, as the kernel's documentation writes it; slashes are accepted for names with dots. */
export function sysctlName(name: string): string {
  return name.includes('/') ? name.replaceAll('.', '\0').replaceAll('/', '.').replaceAll('\0', '/') : name
}

/**
 * The namespace that a sysctl belongs to. Everything outside of a namespace would change the host and is refused with
 * `SYSCTL_NOT_NAMESPACED`, before anything runs; so are names that could leave /proc/sys.
 */
export function namespaceOfSysctl(name: string): SysctlNamespace {
  const dotted = sysctlName(name)
  const wellFormed = WELL_FORMED.test(dotted)
  if (wellFormed && dotted.startsWith('net.')) return 'net'
  if (wellFormed && (IPC_SYSCTLS.has(dotted) || dotted.startsWith('fs.mqueue.'))) return 'ipc'
  if (dotted === 'kernel.domainname') return 'uts'
  throw failure({
    code: 'SYSCTL_NOT_NAMESPACED',
    kind: 'invalidArgument',
    summary: `sysctl ${JSON.stringify(name)} is not one that a container may set`,
    hint: 'net.*, fs.mqueue.*, kernel.msg*, kernel.sem, kernel.shm* and kernel.domainname belong to a container',
  })
}
