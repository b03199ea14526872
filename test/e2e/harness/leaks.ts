import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join, relative } from 'node:path'
import { errnoOf } from '../../../src/diagnostics/index.ts'
import type { EngineLab } from './engine-lab.ts'
import { linksOf } from './inventory.ts'

/** All that can be told to be an engine's, a line each: `mount …`, `link …`, `rule …`, `cgroup …`, `process …`, `open …`, `file …`. */
export type Stock = readonly string[]

/**
 * Takes stock of what an engine of this process has, to the last rule and open file. Images are left out, which stay for the next
 * container, and what logs and notices say; `others` are processes that are known to have nothing of it.
 */
export function takeStock(
  { folder }: Pick<EngineLab, 'folder'>,
  others: ReadonlySet<string> = new Set(),
): Stock {
  const [root, run] = [join(folder, 'root'), join(folder, 'run')]
  const id = createHash('sha256').update(root).digest('hex').slice(0, 6)
  const named = (kind: string, names: readonly string[]): string[] => names.map(name => `${kind} ${name}`)
  return [
    ...named('mount', mountsOf(root, run)),
    ...named('link', linksOf(root, run)),
    ...named('rule', rulesOf(`tscompose_${id}`)),
    ...named('cgroup', groupsOf(`tscompose-${id}`)),
    ...named('process', processesOf([root, run], `tscompose-${id}`, others)),
    ...named('open', openFilesOf(process.pid)),
    ...named('file', [...filesOf(root), ...filesOf(run)]),
  ]
}

/** What a later stock has more than an earlier one; of equal lines, as of rules and open files, each counts. */
export function leaksSince(before: Stock, after: Stock): string[] {
  const known = new Map<string, number>()
  for (const line of before) known.set(line, (known.get(line) ?? 0) + 1)
  return after.filter(line => {
    const count = known.get(line) ?? 0
    known.set(line, count - 1)
    return count <= 0
  })
}

function mountsOf(root: string, run: string): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter(line => line.includes(root) || line.includes(run))
}

function rulesOf(table: string): string[] {
  const { stdout } = spawnSync('nft', ['list', 'table', 'inet', table], { encoding: 'utf8' })
  return (stdout ?? '').split('\n').map(line => line.trim())
}

/** Every group of the engine, in every hierarchy, but its own. */
function groupsOf(name: string): string[] {
  const base = '/sys/fs/cgroup'
  const hierarchies = [base, ...subfolders(base)]
  return hierarchies
    .map(folder => join(folder, name))
    .filter(path => existsSync(path))
    .flatMap(path => subfolders(path))
    .filter(path => !path.endsWith('/engine'))
}

function subfolders(path: string): string[] {
  return readdirSync(path, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(entry => join(path, entry.name))
}

/**
 * Processes that are in the engine's groups, have one of its files open, or were born by its process: a monitor has neither
 * arguments nor an environment that would tell.
 */
function processesOf(folders: readonly string[], group: string, others: ReadonlySet<string>): string[] {
  const stats = statsOfAll()
  const parents = new Map([...stats].map(([pid, stat]) => [pid, parentIn(stat)]))
  const isOurs = (pid: number, stat: string): boolean =>
    descendsFrom(pid, process.pid, parents) && (/ Z /.test(stat) || /^\d+ \(tscompose-/.test(stat))
  return (
    [...stats]
      .filter(([pid, stat]) => pid !== process.pid && !others.has(identityOf(pid, stat)))
      // What has ended and is an orphan waits for the machine's first process alone, which may take its time.
      .filter(([pid, stat]) => parents.get(pid) !== 1 || !/ Z /.test(stat))
      .filter(([pid, stat]) => isOurs(pid, stat) || isOf(pid, group, folders))
      .map(([pid, stat]) => `${pid} ${stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'))}`)
  )
}

/** Who runs now: who had nothing to do with an engine before it did anything need not be looked at again. */
export function processesNow(): ReadonlySet<string> {
  return new Set([...statsOfAll()].map(([pid, stat]) => identityOf(pid, stat)))
}

/** What is in /proc/PID/stat, by pid. */
function statsOfAll(): ReadonlyMap<number, string> {
  return new Map(
    readdirSync('/proc')
      .filter(name => /^\d+$/.test(name))
      .map(name => [Number(name), readOf(Number(name), 'stat')]),
  )
}

/** A process, also where another one gets its number: by when it began. */
function identityOf(pid: number, stat: string): string {
  return `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`
}

/** The parent's pid in /proc/PID/stat; undefined of a process that has gone. */
function parentIn(stat: string): number | undefined {
  return stat === '' ? undefined : Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
}

function isOf(pid: number, group: string, folders: readonly string[]): boolean {
  if (readOf(pid, 'cgroup').includes(`/${group}/`)) return true
  return openFilesOf(pid).some(path => folders.some(folder => path.startsWith(`${folder}/`)))
}

function descendsFrom(
  pid: number,
  ancestor: number,
  parents: ReadonlyMap<number, number | undefined>,
): boolean {
  for (let at = parents.get(pid); at !== undefined && at > 1; at = parents.get(at))
    if (at === ancestor) return true
  return false
}

/** Paths of files; of what has no path, its kind. Sockets and pipes come and go as clients do, and Node lets go of them later. */
function openFilesOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`
  return ignoringGone(() => readdirSync(folder))
    .flatMap(fd => ignoringGone(() => [readlinkSync(join(folder, fd)).replace(/^(\w+):\[\d+\]$/, '$1')]))
    .filter(path => path !== 'socket' && path !== 'pipe')
}

/** Files and folders by their paths, but those of images and logs. */
function filesOf(top: string): string[] {
  if (!existsSync(top)) return []
  return readdirSync(top, { recursive: true, encoding: 'utf8' })
    .filter(path => !/^(images|init-layer|notices)(\/|$)|engine\.log/.test(path))
    .map(path => join(relative('/', top), path))
}

function readOf(pid: number, file: string): string {
  return ignoringGone(() => [readFileSync(`/proc/${pid}/${file}`, 'latin1')])[0] ?? ''
}

/** A process may end while it is looked at. */
function ignoringGone(look: () => string[]): string[] {
  try {
    return look()
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES', 'ENOTDIR'].includes(errnoOf(error) ?? '')) return []
    throw error
  }
}
