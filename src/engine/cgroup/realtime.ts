import { type CgroupFilesystem, readOptional } from './filesystem.ts'
import type { Limits } from './limits.ts'

/** Microseconds: the kernel's period where none is given. */
const PERIOD = 1_000_000

/**
 * What groups around a container's must be given of real-time scheduling before it can have its own: v1 shares it out like a sum of money,
 * and a new group has none. `folders`: the engine's, those between, the container's own; of the cpu hierarchy.
 */
export function realtimeRoom(
  limits: Limits,
  folders: readonly string[],
  files: CgroupFilesystem,
): { readonly folder: string; readonly runtime: number }[] {
  if (!limits.rtRuntime) return []
  let needed = limits.rtRuntime / (limits.rtPeriod ?? PERIOD)
  const room: { folder: string; runtime: number }[] = []
  // From the inside out, since each has to have what all inside it have; written from the outside in.
  for (let index = folders.length - 2; index >= 0; index -= 1) {
    const [folder = '', next = ''] = folders.slice(index, index + 2)
    const others = files.folders(folder).filter(name => `${folder}/${name}` !== next)
    needed += others.reduce((sum, name) => sum + shareOf(`${folder}/${name}`, files), 0)
    const runtime = Math.ceil(Math.round(needed * PERIOD * 1000) / 1000)
    if (runtime > shareOf(folder, files) * PERIOD) room.unshift({ folder, runtime })
  }
  return room
}

/** The part of a processor's time that a group has for real-time processes. */
function shareOf(folder: string, files: CgroupFilesystem): number {
  const number = (file: string): number => Number(readOptional(files, `${folder}/${file}`) ?? 0)
  return Math.max(0, number('cpu.rt_runtime_us')) / (number('cpu.rt_period_us') || PERIOD)
}
