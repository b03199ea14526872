/** Words and numbers that operations share. */

/** Number of a place for a file descriptor that one operation fills and others use: 0 to 127. Not an fd number. */
export type Slot = number

/** The fd that the container's network namespace always has: netlink bytes name it as IFLA_NET_NS_FD. */
export const CONTAINER_NETNS_FD = 100
/** The fd that the host's network namespace (the one that the engine runs in) always has. */
export const HOST_NETNS_FD = 101

/** Kinds of namespaces, in the kernel's words. */
export type NamespaceKind = 'mnt' | 'pid' | 'net' | 'ipc' | 'uts' | 'user' | 'cgroup' | 'time'

/** Per-mount attributes (mount_setattr). */
export type MountAttribute = 'ro' | 'nosuid' | 'nodev' | 'noexec' | 'noatime' | 'strictatime' | 'nosymfollow'

/** Docker's restart policies. */
export const RESTART_POLICIES = ['no', 'always', 'on-failure', 'unless-stopped'] as const
/** One of them. */
export type RestartPolicy = (typeof RESTART_POLICIES)[number]

/**
 * What the server of /proc files reads, in the order of `enum source` (native/procfs/config.h): files of the host, of the
 * container's groups, and of the group further up that holds several containers (`budget…`).
 */
export const PROC_SOURCES = [
  'hostMemory',
  'hostStat',
  'hostProcessors',
  'hostDisks',
  'hostSwaps',
  'memoryLimit',
  'memoryUsage',
  'memoryStat',
  'swapLimit',
  'swapUsage',
  'cpuMax',
  'cpuQuota',
  'cpuPeriod',
  'cpuSet',
  'cpuStat',
  'processes',
  'ioStat',
  'ioBytes',
  'ioOperations',
  'budgetMemoryLimit',
  'budgetMemoryUsage',
  'budgetCpuMax',
  'budgetCpuQuota',
  'budgetCpuPeriod',
] as const
/** One of them. */
export type ProcSource = (typeof PROC_SOURCES)[number]

/** One line of a uid_map or gid_map. */
export interface IdRange {
  readonly inside: number
  readonly outside: number
  readonly count: number
}
