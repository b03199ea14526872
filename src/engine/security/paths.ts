/**
 * Paths of /proc and /sys that are hidden or read-only by default. The first list is Docker's; the second has what no
 * common image reads but an attacker does: the host's boot line, addresses of the kernel, page counts, serial numbers.
 */
const DOCKER_MASKED = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
]

const FURTHER_MASKED = [
  '/proc/cmdline',
  '/proc/config.gz',
  '/proc/iomem',
  '/proc/ioports',
  '/proc/kallsyms',
  '/proc/key-users',
  '/proc/kpagecgroup',
  '/proc/kpagecount',
  '/proc/kpageflags',
  '/proc/modules',
  '/proc/pagetypeinfo',
  '/proc/slabinfo',
  '/proc/vmallocinfo',
  '/sys/devices/virtual/dmi',
  '/sys/fs/bpf',
  '/sys/fs/pstore',
  '/sys/kernel/boot_params',
  '/sys/kernel/debug',
  '/sys/kernel/iommu_groups',
  '/sys/kernel/irq',
  '/sys/kernel/notes',
  '/sys/kernel/security',
  '/sys/kernel/slab',
  '/sys/kernel/tracing',
]

/** Hidden in every container that is not privileged; paths of single CPUs and disks come from `observedMasks`. */
export const MASKED_PATHS: readonly string[] = [...DOCKER_MASKED, ...FURTHER_MASKED]

/** Files that the root of a user namespace cannot open: what covered them would be there to read. */
export function isRefused(path: string): boolean {
  return path.startsWith('/proc/kpage')
}

/** Bound onto themselves read-only. */
export const READONLY_PATHS: readonly string[] = [
  '/proc/bus',
  '/proc/fs',
  '/proc/irq',
  '/proc/sys',
  '/proc/sysrq-trigger',
]

/** Names of a folder's entries; a seam for tests. */
export type ListFolder = (path: string) => readonly string[]

/**
 * The masked paths that depend on this machine's CPUs and disks: thermal counters (a side channel) and serial numbers.
 */
export function observedMasks(list: ListFolder): string[] {
  const cpus = list('/sys/devices/system/cpu').filter(name => /^cpu[0-9]+$/.test(name))
  const thermal = cpus
    .filter(name => list(`/sys/devices/system/cpu/${name}`).includes('thermal_throttle'))
    .map(name => `/sys/devices/system/cpu/${name}/thermal_throttle`)
  const serials = list('/sys/block')
    .filter(name => list(`/sys/block/${name}`).includes('serial'))
    .map(name => `/sys/block/${name}/serial`)
  return [...thermal, ...serials]
}
