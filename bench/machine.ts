import { closeSync, fsyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { availableParallelism, release } from 'node:os'
import { join } from 'node:path'
import { median } from './measure.ts'

const SYNCS = 50
const PAGE = Buffer.alloc(4096)

/**
 * What the figures depend on beside the tools: processors, load, the file system of `state`, and what one written
 * page takes to reach its disk, which is most of what MariaDB's start and end take. Two tables whose lines differ here
 * are not to be compared.
 */
export function describeMachine(state: string): string {
  const [load = ''] = readFileSync('/proc/loadavg', 'utf8').split(' ')
  const disk = `${fileSystemOf(state)}, ${(syncSeconds(state) * 1e3).toFixed(2)} ms a synced page`
  const run = `what a boot forgets on ${fileSystemOf(runPlaceOf(state))}`
  return `${availableParallelism()} processors, load ${load}, Linux ${release()}; state on ${disk}; ${run}`
}

/**
 * Where an engine with its state in `state` has what a boot forgets: in memory, as it is with systemd, whose /run is a tmpfs, and as it is
 * for the Docker Engine beside it; below `state` where the machine has nothing of the kind.
 */
export function runPlaceOf(state: string): string {
  const memory = ['/run', '/dev/shm'].find(place => fileSystemOf(place) === 'tmpfs')
  return memory === undefined ? `${state}/run` : `${memory}/${state.split('/').filter(Boolean).join('-')}`
}

/** Median time of writing a page and syncing it, in seconds. */
function syncSeconds(state: string): number {
  const folder = mkdtempSync(join(state, 'sync-'))
  const file = openSync(join(folder, 'page'), 'w')
  try {
    return median(Array.from({ length: SYNCS }, () => syncOnce(file)))
  } finally {
    closeSync(file)
    rmSync(folder, { recursive: true })
  }
}

function syncOnce(file: number): number {
  const begin = process.hrtime.bigint()
  writeSync(file, PAGE)
  fsyncSync(file)
  return Number(process.hrtime.bigint() - begin) / 1e9
}

/** Type of the file system that `path` is on, by the longest mount point above it (proc_pid_mountinfo(5)). */
function fileSystemOf(path: string): string {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').trim().split('\n')
  const points = mounts.map(line => ({
    point: line.split(' ')[4] ?? '/',
    type: / - (\S+)/.exec(line)?.[1] ?? '?',
  }))
  const above = points.filter(({ point }) => `${path}/`.startsWith(point === '/' ? '/' : `${point}/`))
  return above.reduce((longest, each) => (each.point.length >= longest.point.length ? each : longest)).type
}
