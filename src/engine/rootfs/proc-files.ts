import type { FuseFilesOp, FuseMountOp, Slot } from '../../native/index.ts'
import { labelled } from './overlay.ts'

/** Files that a server of ours answers for a container with limits, by the server's names for them. */
const FILES: Readonly<Record<string, string>> = {
  meminfo: '/proc/meminfo',
  swaps: '/proc/swaps',
  stat: '/proc/stat',
  uptime: '/proc/uptime',
  loadavg: '/proc/loadavg',
  cpuinfo: '/proc/cpuinfo',
  diskstats: '/proc/diskstats',
  online: '/sys/devices/system/cpu/online',
}

/** Makes their mount, and puts them over the kernel's: before the user's mounts, which may cover them in turn. */
export function procFiles(
  slot: Slot,
  label?: string,
): { readonly outside: FuseMountOp; readonly inside: FuseFilesOp } {
  return {
    outside: { op: 'fuseMount', slot, ...labelled(label) },
    inside: { op: 'fuseFiles', slot, names: Object.keys(FILES), paths: Object.values(FILES) },
  }
}
