import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from './eventually.ts'

/** Everything in the kernel and below RUN that belongs to one engine. Empty lists: the machine is as before. */
export interface Inventory {
  readonly links: readonly string[]
  readonly mounts: readonly string[]
  readonly cgroups: readonly string[]
  readonly tables: readonly string[]
  readonly processes: readonly string[]
  readonly runFiles: readonly string[]
}

/** Takes stock of what an engine with this ROOT and RUN has. */
export function takeInventory(env: Readonly<Record<string, string>>): Inventory {
  const root = env['TSCOMPOSE_ROOT'] ?? ''
  const run = env['TSCOMPOSE_RUN'] ?? ''
  const id = createHash('sha256').update(root).digest('hex').slice(0, 6)
  return {
    links: linksOf(root, run),
    mounts: readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter(line => line.includes(root)),
    cgroups: cgroupsOf(`tscompose-${id}`),
    tables: tablesOf(`tscompose_${id}`),
    processes: [...new Set([...processesOf(root, run), ...processesIn(cgroupsOf(`tscompose-${id}`))])],
    runFiles: filesBelow(run),
  }
}

/** Waits until nothing is left of an engine and all that it ran: its last processes end a moment after it has answered. */
export async function untilNothingIsLeft(env: Readonly<Record<string, string>>): Promise<void> {
  const left = (): string[] => Object.values(takeInventory(env)).flat()
  try {
    await eventually('nothing is left', () => left().length === 0)
  } catch (error) {
    throw new Error(`there is still: ${left().join(', ')}`, { cause: error })
  }
}

/** Links that an engine's records have named in any stocktaking, by ROOT: the records go before the links do. */
const KNOWN_LINKS = new Map<string, Set<string>>()

/**
 * Bridges of the engine's networks and outer ends of its containers' veth pairs. They are known by records: take stock once
 * while the containers run, so that what is left of them later can be told.
 */
export function linksOf(root: string, run: string): string[] {
  const known = KNOWN_LINKS.get(root) ?? new Set()
  KNOWN_LINKS.set(root, known)
  const namesIn = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : [])
  const networks = [join(root, 'networks'), join(run, 'networks')].flatMap(namesIn)
  for (const name of networks) known.add(`tsc-${name.slice(0, 11)}`)
  for (const container of namesIn(join(root, 'containers'))) {
    const record = readFileSync(join(root, 'containers', container, 'record.json'), 'utf8')
    for (const [, id = ''] of record.matchAll(/"endpointId":"([0-9a-f]+)"/g))
      known.add(`tv${id.slice(0, 11)}`)
  }
  return readdirSync('/sys/class/net').filter(link => known.has(link))
}

function cgroupsOf(name: string): string[] {
  const base = '/sys/fs/cgroup'
  const folders = [
    base,
    ...readdirSync(base, { withFileTypes: true })
      .filter(entry => entry.isDirectory())
      .map(entry => join(base, entry.name)),
  ]
  return folders.map(folder => join(folder, name)).filter(path => existsSync(path))
}

function tablesOf(name: string): string[] {
  const { stdout } = spawnSync('nft', ['list', 'tables'], { encoding: 'utf8' })
  return (stdout ?? '').split('\n').filter(line => line.includes(name))
}

/** Processes whose environment, arguments or open files name this engine's folders. */
function processesOf(root: string, run: string): string[] {
  const found: string[] = []
  for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name) && Number(name) !== process.pid)) {
    const read = (file: string): string => readIfThere(`/proc/${pid}/${file}`)
    const text = `${read('cmdline')} ${read('environ')}`
    if (text.includes(root) || text.includes(run)) found.push(`${pid} ${read('comm').trim()}`)
  }
  return found
}

/** Processes of the engine's groups: monitors and relays name none of its folders. */
function processesIn(groups: readonly string[]): string[] {
  return groups.flatMap(group => {
    const files = readdirSync(group, { recursive: true, encoding: 'utf8' })
    return files
      .filter(name => name.endsWith('cgroup.procs'))
      .flatMap(name => readIfThere(join(group, name)).split('\n'))
      .filter(pid => pid !== '')
      .map(pid => `${pid} ${readIfThere(`/proc/${pid}/comm`).trim()}`)
  })
}

/** What is looked at may end meanwhile. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

/** Files below RUN but the engine's log, which stays for the reader. */
function filesBelow(run: string): string[] {
  if (!existsSync(run)) return []
  return readdirSync(run, { recursive: true, withFileTypes: true })
    .filter(entry => !entry.isDirectory())
    .map(entry => join(entry.parentPath, entry.name))
    .filter(path => !path.endsWith('engine.log'))
}
