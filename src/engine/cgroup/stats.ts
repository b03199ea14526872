import { type CgroupFilesystem, readOptional } from './filesystem.ts'
import type { BlkioStat, CgroupStats } from './types.ts'

/** Folder of a controller's group, if there is one. */
type FolderOf = (controller: string) => string | undefined

/** Reads what the groups of one container say; what this machine cannot tell is absent. */
export function statsOf(version: 1 | 2, folderOf: FolderOf, files: CgroupFilesystem): CgroupStats {
  const text = (controller: string, file: string): string | undefined => {
    const folder = folderOf(controller)
    return folder === undefined ? undefined : readOptional(files, `${folder}/${file}`)
  }
  return version === 2 ? statsV2(text) : statsV1(text)
}

type Reader = (controller: string, file: string) => string | undefined

function statsV1(text: Reader): CgroupStats {
  const cpuStat = table(text('cpu', 'cpu.stat'))
  const acct = table(text('cpuacct', 'cpuacct.stat'))
  // With the groups that the container made below its own; older kernels count each alone.
  const io = (file: string): Map<string, IoRow> | undefined =>
    ioTable(text('blkio', `${file}_recursive`) ?? text('blkio', file))
  const bytes = io('blkio.throttle.io_service_bytes')
  const operations = io('blkio.throttle.io_serviced')
  return defined({
    cpuUsageNs: number(text('cpuacct', 'cpuacct.usage')),
    cpuUsageEachNs: numbers(text('cpuacct', 'cpuacct.usage_percpu')),
    // USER_HZ is 100 on every architecture we run on.
    cpuUserNs: scaled(acct?.['user'], 1e7),
    cpuSystemNs: scaled(acct?.['system'], 1e7),
    periods: cpuStat?.['nr_periods'],
    throttledPeriods: cpuStat?.['nr_throttled'],
    throttledNs: cpuStat?.['throttled_time'],
    memoryUsage: number(text('memory', 'memory.usage_in_bytes')),
    memoryLimit: limit(text('memory', 'memory.limit_in_bytes')),
    memoryMaxUsage: number(text('memory', 'memory.max_usage_in_bytes')),
    memoryDetail: exactTable(text('memory', 'memory.stat')),
    pidsCurrent: number(text('pids', 'pids.current')),
    pidsLimit: number(text('pids', 'pids.max')),
    oomKills: table(text('memory', 'memory.oom_control'))?.['oom_kill'],
    blkio: bytes === undefined ? undefined : joinIo(bytes, operations ?? new Map()),
  })
}

function statsV2(text: Reader): CgroupStats {
  const cpuStat = table(text('cpu', 'cpu.stat'))
  return defined({
    cpuUsageNs: scaled(cpuStat?.['usage_usec'], 1e3),
    cpuUserNs: scaled(cpuStat?.['user_usec'], 1e3),
    cpuSystemNs: scaled(cpuStat?.['system_usec'], 1e3),
    periods: cpuStat?.['nr_periods'],
    throttledPeriods: cpuStat?.['nr_throttled'],
    throttledNs: scaled(cpuStat?.['throttled_usec'], 1e3),
    memoryUsage: number(text('memory', 'memory.current')),
    memoryLimit: limit(text('memory', 'memory.max')),
    memoryMaxUsage: number(text('memory', 'memory.peak')),
    memoryDetail: exactTable(text('memory', 'memory.stat')),
    pidsCurrent: number(text('pids', 'pids.current')),
    pidsLimit: number(text('pids', 'pids.max')),
    oomKills: table(text('memory', 'memory.events'))?.['oom_kill'],
    blkio: ioV2(text('io', 'io.stat')),
  })
}

/** `key value` lines. */
function table(text: string | undefined): Record<string, number> | undefined {
  if (text === undefined) return undefined
  const rows = text.split('\n').map(line => line.split(' '))
  return Object.fromEntries(rows.filter(row => row.length === 2).map(([key, value]) => [key, Number(value)]))
}

/** The same, what no number holds as a bigint. */
function exactTable(text: string | undefined): Record<string, number | bigint> | undefined {
  const rows = table(text)
  if (text === undefined || rows === undefined) return rows
  const exact: Record<string, number | bigint> = { ...rows }
  for (const [key, value] of Object.entries(rows)) {
    if (Number.isSafeInteger(value)) continue
    exact[key] = BigInt(new RegExp(`^${key} (\\d+)$`, 'm').exec(text)?.[1] ?? 0)
  }
  return exact
}

/** Numbers with blanks between. */
function numbers(text: string | undefined): number[] | undefined {
  return text?.trim().split(' ').map(Number)
}

function number(text: string | undefined): number | undefined {
  const value = Number(text?.trim() || 'none')
  return Number.isNaN(value) ? undefined : value
}

/** A limit in bytes; v1 spells "unlimited" as the largest multiple of a page. */
function limit(text: string | undefined): number | undefined {
  const value = number(text)
  return value === undefined || value >= 2 ** 62 ? undefined : value
}

function scaled(value: number | undefined, factor: number): number | undefined {
  return value === undefined ? undefined : value * factor
}

type IoRow = { read: number; write: number }

/** v1 `8:0 Read 4096` lines by device. */
function ioTable(text: string | undefined): Map<string, IoRow> | undefined {
  if (text === undefined) return undefined
  const rows = new Map<string, IoRow>()
  for (const line of text.split('\n')) {
    const [device = '', what, value] = line.split(' ')
    if (value === undefined || (what !== 'Read' && what !== 'Write')) continue
    const row = rows.get(device) ?? { read: 0, write: 0 }
    row[what === 'Read' ? 'read' : 'write'] = Number(value)
    rows.set(device, row)
  }
  return rows
}

function joinIo(bytes: Map<string, IoRow>, operations: Map<string, IoRow>): BlkioStat[] {
  return [...bytes].map(([device, row]) => {
    const [major = 0, minor = 0] = device.split(':').map(Number)
    const count = operations.get(device)
    return {
      major,
      minor,
      readBytes: row.read,
      writeBytes: row.write,
      reads: count?.read ?? 0,
      writes: count?.write ?? 0,
    }
  })
}

/** v2 `8:0 rbytes=1 wbytes=2 rios=3 wios=4 …` lines. */
function ioV2(text: string | undefined): BlkioStat[] | undefined {
  if (text === undefined) return undefined
  return text
    .split('\n')
    .filter(Boolean)
    .map(line => {
      const [device = '', ...pairs] = line.split(' ')
      const [major = 0, minor = 0] = device.split(':').map(Number)
      const values = new Map(pairs.map(pair => pair.split('=') as [string, string]))
      const value = (key: string): number => Number(values.get(key) ?? 0)
      return {
        major,
        minor,
        readBytes: value('rbytes'),
        writeBytes: value('wbytes'),
        reads: value('rios'),
        writes: value('wios'),
      }
    })
}

/** Leaves out what is undefined, as exact optional properties want it. */
function defined(values: { [K in keyof CgroupStats]: CgroupStats[K] | undefined }): CgroupStats {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}
